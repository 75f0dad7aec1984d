"""Other sites that may sign tokens for their own members, and how far each may go."""
