"""Tests of annotations/web."""
