"""Tampering: one honest record, one act against it, and who finds it where."""
