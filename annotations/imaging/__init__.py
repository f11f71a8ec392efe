"""Geometry, pixels, the encrypted blob store, renditions and the sandbox for decoders."""
