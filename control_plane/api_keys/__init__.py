"""Keys by which a user's machines call the API, each for what it was made for."""
