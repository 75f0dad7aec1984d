"""An order is taken, and done in a spawned child that may hang, leak or crash."""
