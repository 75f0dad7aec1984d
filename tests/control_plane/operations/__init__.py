"""Who may call what: a table of rows for each package of the control plane."""
