"""Load: what a person waits for, over HTTP with the demo's server; no test's verdict."""
