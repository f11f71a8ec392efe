"""Judge what entries say about each other: signatures, and bodies that were erased.

The rules are those that every verifier shares (`ledger.verifier`); here they read the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import scan
from ledger.events import EntryErased
from ledger.segments import Fault
from ledger.verifier.erasures import Erasures
from ledger.verifier.findings import Findings
from ledger.verifier.signatures import Signatures, wanted_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIGNED = b'"event":"signature.applied"'
RESTS_ON = (b'"content_hash":"', SIGNED, b'"event":"credential.mfa_')
WITHOUT_PASSKEY = "N907"


def judge_erasures(origin: str, blank: Mapping[int, bytes]) -> Iterator[Fault]:
    """Hold a stream's blank bodies (number: commitment) to the erasures on its record."""
    findings, erasures = Findings(), Erasures()
    for record in scan.records({EntryErased.name}, origin=origin):
        if record.sequence != scan.WAITING:
            erasures.feed(record.sequence, record.payload)
    erasures.finish(blank, findings)
    return (Fault(*finding) for finding in findings.all())


def judge_signatures() -> dict[str, list[Fault]]:
    """Judge every signature of every stream; return what is wrong, by the stream's origin.

    Memory grows with the record versions that signatures are about, by about 200 bytes each.
    """
    wanted: set[bytes] = set()
    for _, _, event in scan.in_time([SIGNED]):
        wanted |= wanted_versions(event)
    signatures = Signatures(wanted)
    for origin, seq, event in scan.in_time(RESTS_ON):
        signatures.feed(origin, seq, event)
    found: dict[str, Findings] = {}
    without: dict[str, int] = {}
    for origin, finding in signatures.findings:
        if finding.code == WITHOUT_PASSKEY:
            without[origin] = without.get(origin, 0) + 1
        else:
            found.setdefault(origin, Findings()).extend([finding])
    faults = {
        origin: [Fault(*finding) for finding in findings.all()]
        for origin, findings in found.items()
    }
    for origin, number in without.items():
        said = f"{number:,} signatures were applied without a passkey."
        faults.setdefault(origin, []).append(Fault(None, WITHOUT_PASSKEY, said))
    return faults
