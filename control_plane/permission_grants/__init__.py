"""Who was let do what administrators may, by whom, and until when."""
