"""Tests of the inspection bundle."""
