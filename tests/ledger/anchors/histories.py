"""A log without a database: leaves, roots, proofs and signed checkpoints of any history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.anchors.base import Head
from ledger.merkle import tree_hash
from ledger.verifier.notes import Checkpoint, Note, NoteLine, VKey, checkpoint_text, note_bytes
from tests.ledger.test_proofs import consistency_proof

ORG = "example.org/ledger/org"
PROJECT = "example.org/ledger/p/one"


def leaf(word: str) -> bytes:
    return hashlib.sha256(b"\x00" + word.encode()).digest()


@dataclass
class History:
    """One history of a stream, signed with `key`; `fork` begins another one."""

    origin: str = ORG
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    leaves: list[bytes] = field(default_factory=list)

    @property
    def vkey(self) -> VKey:
        return VKey.for_origin(self.origin, self.key.public_key().public_bytes_raw())

    @property
    def size(self) -> int:
        return len(self.leaves)

    def grow(self, *words: str) -> History:
        self.leaves.extend(leaf(word) for word in words)
        return self

    def fork(self, size: int, *words: str) -> History:
        """Return a history that shares the first `size` leaves and goes on in its own way."""
        return History(self.origin, self.key, self.leaves[:size]).grow(*words)

    def root(self, size: int | None = None) -> bytes:
        return tree_hash(self.leaves[: self.size if size is None else size])

    def proof(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the consistency proof from `old` to `size`; none from 0 or to itself."""
        size = self.size if size is None else size
        return consistency_proof(old, self.leaves[:size]) if 0 < old < size else []

    def note(self, size: int | None = None) -> str:
        size = self.size if size is None else size
        text = checkpoint_text(Checkpoint(self.origin, size, self.root(size)))
        line = NoteLine(self.origin, self.vkey.key_id, self.key.sign(text.encode()))
        return note_bytes(Note(text, [line])).decode()

    def head(self, size: int | None = None) -> Head:
        size = self.size if size is None else size
        return Head(
            self.origin,
            size,
            self.root(size),
            self.note(size),
            lambda old: self.proof(old, size),
        )


def history(size: int = 3, origin: str = ORG) -> History:
    """Return a log of `size` entries."""
    return History(origin).grow(*(f"entry {number}" for number in range(size)))
