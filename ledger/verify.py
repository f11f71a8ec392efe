"""Verify the record: recompute everything from the stored bytes, and compare.

Two verdicts for each stream.  *Integrity*: nothing that is there was altered; every
commitment, hash, sequence number and time is recomputed.  *Completeness*: nothing is missing.
There are no signed checkpoints yet, so completeness is judged against what the site itself
holds: sequence numbers without a gap, no body without its entry, and every head that an
earlier verification recorded (as an entry, and in its own row) is still the beginning of the
stream.  A note (N903) says so in each result; a head that an outsider keeps is stronger.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from ledger import guards, heads, sealer
from ledger.heads import Heads
from ledger.merkle import Tree
from ledger.models import Entry, Stream
from ledger.reconcile import Reconciliation, reconcile
from ledger.references import ORGANISATION, origin_of
from ledger.segments import (
    SEGMENT,
    Checked,
    Fault,
    Segment,
    check_elsewhere,
    check_segment,
)

COMPLETENESS_ONLY = frozenset({"L205", "L406", "L408"})
COMPLETENESS_TOO = frozenset({"L202", "L405"})
NO_REFERENCE = Fault(
    None,
    "N903",
    "No signed checkpoint exists yet: completeness is judged by the stream's own numbers,"
    " its bodies and the heads that earlier verifications recorded.",
)
Progress = Callable[[int, int, int], None]  # entries checked, entries in all, faults so far
Check = Callable[[list[Segment]], Iterator[Checked]]


@dataclass
class StreamVerdict:
    """What was found of one stream; `root` is base64 of the tree's root at `size`."""

    origin: str
    size: int = 0
    root: str | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def integrity(self) -> str:
        codes = {fault.code for fault in self.faults if fault.code.startswith("L")}
        return "failed" if codes - COMPLETENESS_ONLY else "ok"

    @property
    def completeness(self) -> str:
        codes = {fault.code for fault in self.faults}
        return "failed" if codes & (COMPLETENESS_ONLY | COMPLETENESS_TOO) else "ok"

    @property
    def first_bad_seq(self) -> int | None:
        numbers = [f.seq for f in self.faults if f.code.startswith("L") and f.seq is not None]
        return min(numbers, default=None)


@dataclass
class Verification:
    """The verdicts over the streams in scope, and the reconciliation of the apps' tables."""

    streams: list[StreamVerdict]
    reconciliation: Reconciliation
    seconds: float

    @property
    def good(self) -> bool:
        fine = all(s.integrity == s.completeness == "ok" for s in self.streams)
        return fine and self.reconciliation.agrees


def verify(
    origin: str | None = None, *, workers: int = 1, progress: Progress | None = None
) -> Verification:
    """Verify the stream of this origin, or all of them, as they are now.

    `progress` is called between segments.  Raises Stream.DoesNotExist for an unknown origin.
    """
    started = time.monotonic()
    sealer.seal_everything()
    with _snapshot(), _checking(workers) as check:
        known = heads.known_heads()
        streams = list(Stream.objects.order_by("id"))
        if origin is not None:
            streams = [Stream.objects.get(origin=origin)]
        tally = _Tally(progress, sum(_size(stream) for stream in streams))
        verdicts = [_verify_stream(stream, known, check, tally) for stream in streams]
        if origin is None:
            verdicts += _dropped(known, {stream.origin for stream in streams})
            _judge_guards(verdicts)
        reconciliation = reconcile()
    return Verification(verdicts, reconciliation, time.monotonic() - started)


class _Tally:
    """Counts across streams and tells whoever watches."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total = progress, total
        self.done = self.faults = 0

    def add(self, entries: int, faults: int) -> None:
        self.done += entries
        self.faults += faults
        if self.progress:
            self.progress(self.done, self.total, self.faults)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read everything as of one moment, while others go on appending."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _checking(workers: int) -> Iterator[Check]:
    """Give what checks segments in order: here, or in `workers` processes."""
    if workers <= 1:
        yield partial(map, partial(check_segment, connection.connection))
        return
    parameters = connection.get_connection_params()
    kept = {
        k: v for k, v in parameters.items() if k not in ("cursor_factory", "client_encoding")
    }
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, partial(check_elsewhere, kept))


def _size(stream: Stream) -> int:
    newest = Entry.objects.filter(stream=stream).order_by("-seq").values_list("seq", flat=True)
    last = newest.first()
    return 0 if last is None else last + 1


def _verify_stream(
    stream: Stream,
    known: Heads,
    check: Check,
    tally: _Tally,
) -> StreamVerdict:
    size = _size(stream)
    claimed = sorted({claim.size for claim in known.get(stream.origin, [])})
    segments = [
        Segment(stream.pk, stream.origin, start, min(start + SEGMENT, size), tuple(claimed))
        for start in range(0, size, SEGMENT)
    ]
    verdict, tree, roots = StreamVerdict(stream.origin), Tree(), {}
    whole = True
    for segment, checked in zip(segments, check(segments), strict=True):
        _add_up(verdict, checked)
        whole = whole and checked.found == segment.end - segment.start
        if whole:
            for at, peaks in checked.peaks_at.items():
                roots[at] = Tree([*tree.peaks, *peaks]).root()
            for level, subtree in checked.peaks:
                tree.add(subtree, level)
        tally.add(checked.found, len(checked.faults))
    if verdict.size and whole:
        verdict.root = base64.b64encode(tree.root()).decode()
    claims = known.get(stream.origin, [])
    verdict.faults += heads.judge(claims, size, roots, verdict.first_bad_seq)
    verdict.faults += heads.judge_bodies(stream, verdict.first_bad_seq, size)
    verdict.faults.append(NO_REFERENCE)
    return verdict


def _add_up(verdict: StreamVerdict, checked: Checked) -> None:
    verdict.size += checked.found
    verdict.faults.extend(checked.faults)
    if checked.unlisted:
        more = f"{checked.unlisted:,} more faults in this segment are not listed."
        verdict.faults.append(Fault(None, "N909", more))


def _dropped(known: Heads, present: set[str]) -> list[StreamVerdict]:
    """Report the streams that earlier verifications saw and that are gone as a whole."""
    missing = [origin for origin in known if origin not in present]
    fault = Fault(0, "L408", "The whole stream is gone; an earlier verification saw it.")
    return [StreamVerdict(origin, faults=[fault]) for origin in sorted(missing)]


def _judge_guards(verdicts: list[StreamVerdict]) -> None:
    """Add to the organisation's stream what has changed in the database's guards."""
    organisation = origin_of(settings.LEDGER_SITE, ORGANISATION)
    for verdict in verdicts:
        if verdict.origin == organisation:
            verdict.faults += guards.judge()


def as_json(verification: Verification) -> dict[str, Any]:
    """Return what `verify_ledger --json` prints."""
    return {
        "streams": [
            {
                "origin": stream.origin,
                "size": stream.size,
                "root": stream.root,
                "integrity": stream.integrity,
                "completeness": stream.completeness,
                "first_bad_seq": stream.first_bad_seq,
                "findings": [fault._asdict() for fault in stream.faults],
            }
            for stream in verification.streams
        ],
        "reconciliation": verification.reconciliation.counts(),
        "reconciliation_findings": [
            {
                "table": found.table,
                "ref": found.ref,
                "kind": found.kind,
                "origin": found.origin,
                "seq": found.seq,
                "message": found.message,
            }
            for found in verification.reconciliation.listed
        ],
        "seconds": round(verification.seconds, 3),
    }
