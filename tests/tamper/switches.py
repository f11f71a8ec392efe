"""Each mechanism of verify_ledger, and how to switch it off: the smallest part that finds.

A check that is off takes whatever it finds for good; nothing that another check says is
silenced.  Letters are those of the matrix: C chain, M Merkle tree and signed checkpoints,
P replay of the tables, S signatures, Q the database's catalogue; R what outsiders kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ledger import event_rules, guards, hashing, heads, verify
from ledger.reconcile import Reconciliation
from ledger.segments import Row, _Checker
from ledger.signed_heads import SignedHeads

_entry, _body = _Checker.entry, _Checker._body  # noqa: SLF001  what is switched off


def _nothing(*_: Any, **__: Any) -> list[Any]:
    return []


def _any_place(self: _Checker, row: Row) -> None:
    """Take an entry as if the one before it were the one it follows, whichever that was."""
    self.expected, self.time, self.prev = row.seq, 0, None
    _entry(self, row)


def _any_bytes(self: _Checker, row: Row) -> None:
    """Take the bytes that are there for those that were sealed."""
    if row.body is not None and row.salt is not None:
        found = hashing.commitment(bytes(row.salt), bytes(row.body))
        row = row._replace(commitment=found)
    _body(self, row)


def _vouched(self: SignedHeads, *_: Any) -> list[Any]:
    self.vouched = True
    return []


Patch = tuple[object, str, Any]
SWITCHES: dict[str, list[Patch]] = {
    # C: numbers without a gap, times that never go back, each hash from the one before
    "chain": [(_Checker, "entry", _any_place), (_Checker, "_gap", _nothing)],
    # C: bytes are those that the entry commits to
    "commitments": [(_Checker, "_body", _any_bytes)],
    # bytes in their one canonical form, and an event
    "form": [(_Checker, "_content", _nothing)],
    # M: roots that the signer signed and the organisation recorded
    "checkpoints": [(SignedHeads, "judge", _vouched)],
    # M, R: roots that earlier verifications saw, and that the signer and outsiders kept
    "heads": [(heads, "judge", _nothing)],
    # C: no bytes without their entry
    "bodies": [(heads, "judge_bodies", _nothing)],
    # every blank body has an entry that says so, on the word of two
    "erasures": [(event_rules, "judge_erasures", _nothing)],
    # S
    "signatures": [(event_rules, "judge_signatures", dict)],
    # Q
    "guards": [(guards, "judge", _nothing)],
    # P
    "rows": [(verify, "reconcile", Reconciliation)],
}
ALL = frozenset(SWITCHES)


@contextmanager
def off(names: Collection[str]) -> Iterator[None]:
    """Verify without these mechanisms."""
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            for switch in SWITCHES[name]:
                patch.setattr(*switch)
        yield
