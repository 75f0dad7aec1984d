"""Files and their bytes: from RAM, else from the store."""
