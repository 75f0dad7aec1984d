"""The whole system on one machine: embedded PostgreSQL, Redis, and the services as they are."""
