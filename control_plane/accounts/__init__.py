"""Who you are: users, roles, logging in."""
