"""Tests of annotations/management."""
