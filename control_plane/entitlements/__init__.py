"""Who may watch: grants, visibility and the one decision about them."""
