"""Whole stories through a real browser."""
