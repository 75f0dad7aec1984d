"""The steps of the story, and what one leaves in the store for the next."""
