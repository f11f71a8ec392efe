"""Tests of annotations/formats."""
