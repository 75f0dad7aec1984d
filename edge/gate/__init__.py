"""Who may have what: the policy, and what it is asked with. Pure."""
