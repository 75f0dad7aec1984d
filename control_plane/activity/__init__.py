"""Who did what to an account, from where, and when."""
