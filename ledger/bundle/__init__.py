"""The inspection bundle: the record in one file, with what it takes to read and check it."""
