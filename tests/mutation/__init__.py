"""Tests of the arithmetic of `make mutation`."""
