"""Where events go while streams are read the first time: to the rules that need no order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.verifier.envelope import is_hex64
from ledger.verifier.erasures import Erasures
from ledger.verifier.findings import Finding
from ledger.verifier.heads import Heads
from ledger.verifier.signatures import wanted_versions
from ledger.verifier.trust import Rotation

if TYPE_CHECKING:
    from collections.abc import Container

    from ledger.verifier.findings import Findings


class FirstReading:
    """Takes the events of all streams, each stream in its own order."""

    def __init__(self, org: str, blobs: Container[str]) -> None:
        self.org = org
        self.blobs = blobs
        self.heads = Heads(org)
        self.rotations: list[Rotation] = []
        self.signed = False
        self.wanted: set[bytes] = set()
        self._erasures: dict[str, Erasures] = {}
        self._findings: dict[str, Findings] = {}

    def watch(self, origin: str, findings: Findings) -> None:
        """Send findings about the stream `origin` to `findings`."""
        self._findings[origin] = findings
        self._erasures[origin] = Erasures()

    def take(self, origin: str, seq: int, event: dict[str, Any]) -> None:
        """Take one event."""
        name, payload = event["event"], event["payload"]
        if name == "ledger.entry_erased":
            self._erasures[origin].feed(seq, payload)
        elif name == "ledger.checkpoint_signed" and origin == self.org:
            self.heads.take(seq, payload, self._findings[origin])
        elif name == "key.rotated" and origin == self.org:
            self.rotations.append(Rotation(seq, payload))
        elif name == "signature.applied":
            self.signed = True
            self.wanted |= wanted_versions(event)
        if "blobs" in payload:
            fault = blob_fault(payload["blobs"], self.blobs)
            if fault:
                self._findings[origin].add("L111", fault, seq)

    def judge_bodies(
        self,
        origin: str,
        blank: dict[int, bytes],
        withheld: dict[int, bytes],
        listed: dict[int, bytes],
    ) -> None:
        """Judge a stream's hidden bodies, given as seq: commitment."""
        findings = self._findings[origin]
        self._erasures[origin].finish(blank, findings)
        findings.extend(withheld_findings(withheld, listed))


def blob_fault(needed: Any, known: Container[str]) -> str | None:
    """Say which of the blobs that an entry needs is not listed; None if all are."""
    if type(needed) is not list or not all(is_hex64(digest) for digest in needed):
        return "The blobs it needs are no list of digests."
    missing = [digest for digest in needed if digest not in known]
    return f"The blob {missing[0]} that it needs is not listed." if missing else None


def withheld_findings(found: dict[int, bytes], listed: dict[int, bytes]) -> list[Finding]:
    """Compare withheld bodies with the manifest's list of them, both as seq: commitment."""
    findings = [
        Finding(seq, "L306", "Its body is withheld, and the list does not say so.")
        for seq in found
        if listed.get(seq) != found[seq]
    ]
    findings += [
        Finding(seq, "L306", "The list says that it is withheld, and it is not.")
        for seq in listed
        if seq not in found
    ]
    return findings
