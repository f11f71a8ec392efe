"""Faults: the database, the network and the disk fail while people work; nothing is lost."""
