"""Template tags of the pages of readings."""
