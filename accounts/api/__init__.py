"""Doors for programs: the tokens that they show."""
