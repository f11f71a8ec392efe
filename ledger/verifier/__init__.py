"""The parts of verify.py: small modules that check a record with nothing else of ours at hand.

They import the standard library, `cryptography` where a signature is checked, and each other.
`build` joins them into the one file that travels inside every bundle.
"""
