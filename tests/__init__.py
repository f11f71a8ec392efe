"""The mirror of the tree: x/y.py is tested in tests/x/test_y.py."""
