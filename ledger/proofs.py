"""Check proofs about a tree without having its leaves: RFC 9162 §2.1.3.2 and §2.1.4.2.

The checks are those that leave the building in `verify.py`.
"""

from ledger.verifier.tree import verify_consistency, verify_inclusion

__all__ = ["verify_consistency", "verify_inclusion"]
