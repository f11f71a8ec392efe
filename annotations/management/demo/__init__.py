"""The demo: one project from invitation to snapshot, each act by whose it is."""
