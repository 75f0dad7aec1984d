"""What the edge knows from elsewhere: keys, revocations, sessions; and what it tells."""
