"""The ledger's pages: the explorer, one entry, a verification; and the evidence reports."""
