"""The only shared code with I/O: store, configuration, logging, problem bodies."""
