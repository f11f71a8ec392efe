"""Doors for people: the pages of images, readings and datasets."""
