"""The body of an `add-checkpoint` request (C2SP tlog-witness): written here, and read here."""

from __future__ import annotations

import base64
from typing import NamedTuple, Self

from ledger.hashing import HASH_BYTES
from ledger.verifier.notes import (
    Checkpoint,
    Note,
    NoteError,
    parse_checkpoint,
    parse_decimal,
    parse_note,
    strict_base64,
)

MAX_BYTES = 64 << 10
MAX_PROOF = 63  # a tree of 2**63 leaves has no longer one


class RequestError(ValueError):
    """Not a request of the specified form."""


class Request(NamedTuple):
    """A checkpoint, and the proof that it extends the one of size `old`."""

    old: int
    proof: list[bytes]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read `old N`, proof lines, an empty line and a checkpoint.  Raises RequestError."""
        if len(body) > MAX_BYTES:
            raise RequestError("A request has at most 64 KiB.")
        head, gap, rest = body.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
            if not gap or not first.startswith("old ") or len(lines) > MAX_PROOF:
                raise RequestError("A request is 'old N', 0 to 63 hashes, and a checkpoint.")
            old = parse_decimal(first.removeprefix("old "))
            proof = [strict_base64(line) for line in lines]
            note = parse_note(rest)
            checkpoint = parse_checkpoint(note)
        except UnicodeDecodeError:
            raise RequestError("The lines before the checkpoint are ASCII.") from None
        except NoteError as error:
            raise RequestError(str(error)) from None
        if any(len(node) != HASH_BYTES for node in proof):
            raise RequestError("Each hash of the proof has 32 bytes.")
        return cls(old, proof, note, checkpoint)


def request_body(old: int, proof: list[bytes], note: str) -> bytes:
    """Return the bytes of a request; they are also a `.tlog-consistency` file."""
    lines = "".join(f"{base64.b64encode(node).decode()}\n" for node in proof)
    return f"old {old}\n{lines}\n{note}".encode()
