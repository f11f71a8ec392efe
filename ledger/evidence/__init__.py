"""Evidence: entries in, report out.  The same head gives the same bytes."""
