"""Doors for programs: the REST API of images and readings."""
