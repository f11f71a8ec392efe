"""What the organisation's stream records about all others: their signed checkpoints."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.verifier.envelope import is_count, is_hex64
from ledger.verifier.manifest import site_prefix
from ledger.verifier.notes import MAX_SIZE, is_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.verifier.findings import Findings

_RECORD = struct.Struct(">QQ32s4s")
_KEY_ID_FIELDS = ("key_id", "origin", "root", "size")


class Head(NamedTuple):
    """A recorded checkpoint of a stream, at the organisation's entry `seq`; in this order."""

    size: int
    seq: int
    root: bytes
    key_id: bytes


class Heads:
    """The recorded checkpoints of each stream, 52 bytes for each."""

    def __init__(self, org: str) -> None:
        self.org = org
        self._packed: dict[str, bytearray] = {}

    def take(self, seq: int, payload: dict[str, Any], findings: Findings) -> None:
        """Take the payload of a `ledger.checkpoint_signed` entry of the organisation."""
        origin, size, key_id = payload.get("origin"), payload.get("size"), payload.get("key_id")
        good = isinstance(origin, str) and is_origin(origin) and is_hex64(payload.get("root"))
        good = good and is_count(size) and 1 <= (size or 0) <= MAX_SIZE
        if not good or not isinstance(key_id, str) or not _is_hex8(key_id):
            findings.add("L304", "It records no checkpoint: a field has another form.", seq)
        elif origin == self.org or not str(origin).startswith(site_prefix(self.org)):
            findings.add(
                "L304", "It records a checkpoint of a stream that is not its own.", seq
            )
        else:
            packed = _RECORD.pack(
                size, seq, bytes.fromhex(payload["root"]), bytes.fromhex(key_id)
            )
            self._packed.setdefault(str(origin), bytearray()).extend(packed)

    def origins(self) -> list[str]:
        """Return every stream that is recorded."""
        return sorted(self._packed)

    def of(self, origin: str) -> Iterator[Head]:
        """Yield what is recorded of a stream, in the order of the entries."""
        for fields in _RECORD.iter_unpack(self._packed.get(origin, b"")):
            yield Head(*fields)

    def newest(self, origin: str) -> Head | None:
        """Return the recorded head of the largest size; the last one recorded of that size."""
        return max(self.of(origin), default=None)


def _is_hex8(text: str) -> bool:
    return len(text) == 8 and not set(text) - set("0123456789abcdef")
