"""What earlier verifications saw of each stream, held against what is there now."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from ledger import scan
from ledger.events import LedgerVerificationFailed, LedgerVerified
from ledger.models import VerificationRun
from ledger.segments import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger.models import Stream

RUNS = 200  # the newest ones; their entries are all there besides

_ORPHANS = """
SELECT count(*) FROM ledger.body b
WHERE b.stream = %s
  AND NOT EXISTS (SELECT FROM ledger.entry e WHERE e.body_id = b.id)
  AND NOT EXISTS (SELECT FROM ledger.pending p WHERE p.stream = b.stream AND p.body_id = b.id)
"""


class Claim(NamedTuple):
    """A stream's size and root as somebody saw them, and who."""

    size: int
    root: bytes
    source: str


Heads = dict[str, list[Claim]]


def known_heads() -> Heads:
    """Return every head that a verification found good: from its entry and from its row.

    The rows lie outside the chain: they still know what was cut from it.
    """
    heads: Heads = {}
    for record in scan.records({LedgerVerified.name, LedgerVerificationFailed.name}):
        _collect(heads, record.payload.get("streams"), f"entry #{record.sequence:,}")
    runs = VerificationRun.objects.filter(finished_at__isnull=False).order_by("-started_at")
    for run in runs[:RUNS]:
        source = f"the verification of {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
        _collect(heads, run.result.get("streams"), source)
    return heads


def _collect(heads: Heads, streams: Any, source: str) -> None:
    """Take what was good; leave whatever has another form, since anybody may append."""
    for stream in streams if isinstance(streams, list) else []:
        try:
            origin, size = str(stream["origin"]), int(stream["size"])
            good = stream["integrity"] == "ok" and stream["completeness"] != "failed"
            root = base64.b64decode(stream["root"] or "", validate=True)
        except (KeyError, TypeError, ValueError):
            continue
        if good and size > 0:
            heads.setdefault(origin, []).append(Claim(size, root, source))


def judge(
    claims: Iterable[Claim], size: int, roots: Mapping[int, bytes], first_bad_seq: int | None
) -> list[Fault]:
    """Say which claims a stream of `size` entries contradicts; `roots` by size, where known.

    A contradiction lies behind the largest size known to be good; where an entry at fault was
    found already, it is that one.
    """
    faults: list[Fault] = []
    good = 0
    for claim in sorted(claims):
        if claim.size > size:
            gone = (
                f"Entries up to #{claim.size - 1:,} were there for {claim.source}; now missing."
            )
            return [*faults, Fault(size, "L406", gone)]
        if claim.size not in roots:
            continue  # an entry before it is missing, which is reported
        if roots[claim.size] == claim.root:
            good = claim.size
        elif not faults:
            place = good if first_bad_seq is None else max(good, first_bad_seq)
            changed = f"The first {claim.size:,} entries are not those of {claim.source}."
            faults.append(Fault(place, "L405", changed))
    return faults


def judge_bodies(stream: Stream, first_bad_seq: int | None, size: int) -> list[Fault]:
    """Report bodies that have no entry: their entries were removed."""
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS, [stream.pk])
        orphans = cursor.fetchone()[0]
    if not orphans:
        return []
    place = size if first_bad_seq is None else min(first_bad_seq, size)
    what = (
        "The bytes of 1 entry are" if orphans == 1 else f"The bytes of {orphans:,} entries are"
    )
    return [Fault(place, "L205", f"{what} there, but not the entry.")]
