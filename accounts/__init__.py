"""Who may work here, on what, from where, and who vouches for it."""
