"""Tests of annotations/models."""
