"""Tests of annotations/management/commands."""
