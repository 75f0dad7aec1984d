"""Whether the API is what its own description says: schemathesis over all of it, as each role."""
