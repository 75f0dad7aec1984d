"""How often the API may be called: by whom, by which rate, counted in Redis."""
