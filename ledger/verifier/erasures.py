"""Erasure: each blank body needs an entry that says who erased it and why, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.verifier.envelope import is_count, is_hex64, is_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.verifier.findings import Findings


class Erasures:
    """Collects the `ledger.entry_erased` entries of one stream; memory grows with them only."""

    def __init__(self) -> None:
        self._events: list[tuple[int, dict[str, Any]]] = []

    def feed(self, seq: int, payload: dict[str, Any]) -> None:
        """Take the payload of the stream's `ledger.entry_erased` entry `seq`."""
        self._events.append((seq, payload))

    def finish(self, blank: Mapping[int, bytes], findings: Findings) -> None:
        """Compare with the stream's blank bodies, given as seq: commitment."""
        explained = set()
        for seq, payload in self._events:
            fault = _erasure_fault(seq, payload)
            target = payload.get("seq")
            if fault is None and target not in blank:
                findings.add("L307", f"Entry {seq} erased it; its body is still there.", target)
                continue
            if fault is None and blank[payload["seq"]].hex() != payload["commitment"]:
                fault = "it names another commitment"
            if fault:
                findings.add("L307", f"It erases nothing as it should: {fault}.", seq)
            else:
                explained.add(target)
        for seq in blank:
            if seq not in explained:
                findings.add("L305", "Its body is blank, and no entry erased it.", seq)


def _erasure_fault(seq: int, payload: dict[str, Any]) -> str | None:
    basis, approvers = payload.get("basis"), payload.get("approved_by")
    if not is_count(payload.get("seq")) or not is_hex64(payload.get("commitment")):
        return "its fields have another form"
    if payload["seq"] >= seq:
        return "it names itself or a later entry"
    if not isinstance(basis, str) or not basis.strip():
        return "it gives no legal basis"
    if type(approvers) is not list or not all(is_reference(person) for person in approvers):
        return "it does not say who approved it"
    if len(set(approvers)) < 2:
        return "fewer than two people approved it"
    return None
