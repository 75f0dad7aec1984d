"""What is held on a person: handed out, and deleted with the account."""
