"""Verify the record: recompute everything from the stored bytes, and compare.

Two verdicts for each stream.  *Integrity*: nothing that is there was altered; every
commitment, hash, sequence number and time is recomputed, and every signed checkpoint gives
the root of the entries it covers.  *Completeness*: nothing is missing.  It is ok when the
newest checkpoint is signed by a trusted key and holds, and nothing else contradicts it: what
the signer remembers outside the database, what the organisation's stream records of each
project's, what earlier verifications found, and the checkpoints the caller brings.
"""

from __future__ import annotations

import base64
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction

from ledger import (
    brought,
    event_catalogue,
    event_rules,
    guards,
    heads,
    moments,
    narrowing,
    sealer,
    trust,
)
from ledger.brought import Brought
from ledger.heads import Heads
from ledger.merkle import Tree
from ledger.models import Entry, Stream
from ledger.reconcile import reconcile
from ledger.segments import (
    SEGMENT,
    Checked,
    Fault,
    Segment,
    check_segment,
)
from ledger.signed_heads import SignedHeads
from ledger.verdicts import StreamVerdict, Verification, as_json
from ledger.verifier.findings import Findings
from ledger.verifier.notes import VKey
from ledger.verifier.trust import Trust
from ledger.workers import checking

__all__ = ["StreamVerdict", "Verification", "as_json", "verify"]

OTHER_TIME = "It tells a time far from the one it was sealed at."
MAX_TOLD = 20  # such notes for each stream
NO_REFERENCE = Fault(
    None, "N903", "Nothing from outside the database was there to hold this stream to."
)
Progress = Callable[[int, int, int], None]  # entries checked, entries in all, faults so far
Check = Callable[[list[Segment]], Iterator[Checked]]


def verify(
    origin: str | None = None,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    keys: Sequence[VKey] = (),
    notes: Sequence[bytes] = (),
) -> Verification:
    """Verify the stream of this origin, or all of them, as they are now.

    `progress` is called between segments.  `keys` are those to trust, by default those of the
    site's signer; `notes` are checkpoints to hold the record to.  Raises
    Stream.DoesNotExist for an unknown origin and NoteError for a note that is none.
    """
    started = time.monotonic()
    sealer.seal_everything()
    believed, doubts = trust.of_keys(keys) if keys else trust.of_the_signer()
    held = brought.collect(notes, believed)  # before the snapshot: none is newer than it
    with _snapshot() as ours, _checking(workers, outermost=ours) as check:
        streams = list(Stream.objects.order_by("id"))
        if origin is not None:
            streams = [Stream.objects.get(origin=origin)]
        verifier = _Verifier(
            check, held, believed, _Tally(progress, sum(_size(s) for s in streams))
        )
        verdicts = [verifier.verdict(stream) for stream in streams]
        signatures = event_rules.judge_signatures()
        for verdict in verdicts:
            verdict.faults += signatures.get(verdict.origin, [])
        if origin is None:
            verdicts += _dropped(verifier.known, {stream.origin for stream in streams})
        for verdict in verdicts:
            if verdict.origin == believed.org:
                verdict.faults += [*_of_the_site(doubts), *([] if origin else _installed())]
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
def _snapshot() -> Iterator[bool]:
    """Read everything as of one moment, while others go on appending; yield if it is ours."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield outermost


@contextmanager
def _checking(workers: int, *, outermost: bool) -> Iterator[Check]:
    """Give what checks segments in order: here, or in `workers` processes."""
    if workers <= 1:
        yield partial(map, partial(check_segment, connection.connection))
        return
    snapshot = None
    if outermost:  # PostgreSQL exports none from inside a savepoint
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
    with checking(connection.get_connection_params(), workers, snapshot) as check:
        yield check


def _size(stream: Stream) -> int:
    newest = Entry.objects.filter(stream=stream).order_by("-seq").values_list("seq", flat=True)
    last = newest.first()
    return 0 if last is None else last + 1


class _Verifier:
    """Verifies streams one after the other, with what holds for all of them."""

    def __init__(self, check: Check, held: Brought, believed: Trust, tally: _Tally) -> None:
        self.check, self.held, self.believed, self.tally = check, held, believed, tally
        self.known: Heads = heads.known_heads()
        for origin, claims in held.claims.items():
            self.known.setdefault(origin, []).extend(claims)

    def verdict(self, stream: Stream) -> StreamVerdict:
        """Recompute one stream, and hold it to every head that is known of it."""
        size, verdict = _size(stream), StreamVerdict(stream.origin)
        signed = SignedHeads(stream, self.believed)
        claims = [*self.known.get(stream.origin, []), *signed.claims()]
        sizes = signed.sizes() | {claim.size for claim in claims}
        roots = self._recompute(verdict, _segments(stream, size, sizes))
        verdict.faults += self.held.faults.get(stream.origin, [])
        verdict.faults += narrowing.judge(stream, size, claims, roots, verdict.faults)
        verdict.faults += heads.judge(claims, size, roots, verdict.first_bad_seq)
        verdict.faults += heads.judge_bodies(stream, verdict.first_bad_seq, size)
        verdict.faults += signed.judge(size, roots, verdict.first_bad_seq)
        verdict.faults += moments.judge(stream)
        verdict.vouched = signed.vouched
        if stream.origin not in self.held.claims:
            verdict.faults.append(NO_REFERENCE)
        return verdict

    def _recompute(self, verdict: StreamVerdict, segments: list[Segment]) -> dict[int, bytes]:
        """Check every entry; return the root at each size asked for, up to the first gap."""
        tree, roots, whole = Tree(), {}, True
        blank: dict[int, bytes] = {}
        off: list[int] = []
        for segment, checked in zip(segments, self.check(segments), strict=True):
            _add_up(verdict, checked)
            blank.update(checked.blank)
            off += checked.early_or_late[: MAX_TOLD - len(off)]
            whole = whole and checked.found == segment.end - segment.start
            if whole:
                for at, peaks in checked.peaks_at.items():
                    roots[at] = Tree([*tree.peaks, *peaks]).root()
                for level, subtree in checked.peaks:
                    tree.add(subtree, level)
            self.tally.add(checked.found, len(checked.faults))
        if verdict.size and whole:
            verdict.root = base64.b64encode(tree.root()).decode()
        verdict.faults += event_rules.judge_erasures(verdict.origin, blank)
        verdict.faults += [Fault(seq, "N906", OTHER_TIME) for seq in off]
        return roots


def _segments(stream: Stream, size: int, sizes: set[int]) -> list[Segment]:
    """Cut a stream; each segment takes the subtrees at the sizes that lie in it."""
    ordered = sorted(sizes)
    return [
        Segment(
            stream.pk,
            stream.origin,
            start,
            (end := min(start + SEGMENT, size)),
            tuple(ordered[bisect_right(ordered, start) : bisect_right(ordered, end)]),
        )
        for start in range(0, size, SEGMENT)
    ]


def _add_up(verdict: StreamVerdict, checked: Checked) -> None:
    verdict.size += checked.found
    verdict.faults.extend(checked.faults)
    if checked.unlisted:
        more = f"{checked.unlisted:,} more faults in this segment are not listed."
        verdict.faults.append(Fault(None, "N909", more))


def _dropped(known: Heads, present: set[str]) -> list[StreamVerdict]:
    """Report the streams that somebody has seen and that are gone as a whole."""
    gone = {
        origin: claims[0].source for origin, claims in known.items() if origin not in present
    }
    return [
        StreamVerdict(
            origin, faults=[Fault(0, "L408", f"The whole stream is gone; {source} saw it.")]
        )
        for origin, source in sorted(gone.items())
    ]


def _of_the_site(doubts: Findings) -> list[Fault]:
    """Return what is wrong with the keys themselves."""
    return [Fault(*finding) for finding in doubts.all()]


def _installed() -> list[Fault]:
    """Return what is not as on record: guards of the database, event types of the code."""
    return [*guards.judge(), *event_catalogue.judge()]
