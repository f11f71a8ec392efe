"""Each check of verify_ledger, and how to switch it off."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ledger import event_rules, guards, heads, verify
from ledger.reconcile import Reconciliation
from ledger.segments import Checked
from ledger.signed_heads import SignedHeads

CODES = {  # what checks of single entries say
    "chain": {"L202", "L203", "L204"},
    "commitments": {"L301"},
    "form": {"L302", "L303", "L304"},
}


def _nothing(*_: Any, **__: Any) -> list[Any]:
    return []


def _vouched(self: SignedHeads, *_: Any) -> list[Any]:
    self.vouched = True
    return []


def _agrees() -> Reconciliation:
    return Reconciliation()


FUNCTIONS: dict[str, tuple[object, str, Any]] = {
    "checkpoints": (SignedHeads, "judge", _vouched),
    "heads": (heads, "judge", _nothing),
    "bodies": (heads, "judge_bodies", _nothing),
    "erasures": (event_rules, "judge_erasures", _nothing),
    "signatures": (event_rules, "judge_signatures", dict),
    "guards": (guards, "judge", _nothing),
    "rows": (verify, "reconcile", _agrees),
}
ALL = frozenset([*CODES, *FUNCTIONS])


@contextmanager
def off(names: Collection[str]) -> Iterator[None]:
    """Verify without these checks."""
    silent = {code for name in names for code in CODES.get(name, ())}
    really = Checked.report

    def report(self: Checked, seq: int, code: str, message: str) -> None:
        if code not in silent:
            really(self, seq, code, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checked, "report", report)
        for name in FUNCTIONS.keys() & set(names):
            patch.setattr(*FUNCTIONS[name])
        yield
