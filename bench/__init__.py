"""What the record costs, against plain tables and its peers; no test's verdict."""
