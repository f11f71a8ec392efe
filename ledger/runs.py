"""Verifications as acts: started by somebody, watched while they run, recorded at the end."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import psycopg2
from django.db import DatabaseError, Error, connection, connections, transaction
from django.utils import timezone

from ledger import chain, guards, unreadable
from ledger.events import LedgerVerificationFailed, LedgerVerified, StreamHead
from ledger.heartbeat import Heartbeat
from ledger.models import VerificationRun
from ledger.references import ORGANISATION, key_of
from ledger.verdicts import Verification, as_json
from ledger.verify import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from ledger.references import Actor
    from ledger.verifier.notes import VKey

SUBJECT = f"ledger.stream:{ORGANISATION}"
SILENCE = timedelta(seconds=60)  # after this a running one counts as interrupted
Status = VerificationRun.Status


class AlreadyRunningError(RuntimeError):
    """One verification runs at a time; it would find the same."""

    def __init__(self) -> None:
        super().__init__("A verification is running already; wait for its result.")


class Verdict(NamedTuple):
    """One thing a verification decides on its own: what, in which words, how it is drawn."""

    name: str
    words: str
    shape: str
    word: str


@dataclass(frozen=True)
class State:
    """The outcome of the newest finished verification, as the foot of every page shows it.

    `shape` is that of a finding; `seq` the last entry of `stream` that it reached.
    """

    shape: str
    words: str
    at: datetime | None = None
    seq: int | None = None
    stream: str = ORGANISATION
    verdicts: tuple[Verdict, ...] = ()

    @property
    def good(self) -> bool:
        return self.shape == "evidenced"

    @property
    def detail(self) -> str:
        return "" if self.seq is None else f"to #{self.seq:,}"


def start(*, by: Actor | str, scope: str = "") -> VerificationRun:
    """Note that a verification begins.  Raises AlreadyRunningError while another runs."""
    now = timezone.now()
    silent = VerificationRun.objects.filter(status=Status.RUNNING, beat_at__lt=now - SILENCE)
    silent.update(status=Status.INTERRUPTED, finished_at=now)
    with transaction.atomic():
        _lock()
        if VerificationRun.objects.filter(status=Status.RUNNING).exists():
            raise AlreadyRunningError
        who = by if isinstance(by, str) else by.ledger_ref
        return VerificationRun.objects.create(
            scope=scope, started_by=who, started_at=now, beat_at=now
        )


def _lock() -> None:
    """Let one start at a time; 1279542613 is the next number in the ledger's row of locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1279542613, 0)")


def carry_out(
    run: VerificationRun,
    *,
    workers: int = 1,
    keys: Sequence[VKey] = (),
    notes: Sequence[bytes] = (),
) -> Verification:
    """Verify, note the progress, and record the outcome as an entry; see `ledger.verify`.

    Whatever stops it is raised again, after the run is noted as interrupted; a damaged page as
    UnreadableError, which names the entry.
    """
    try:
        with Heartbeat(run) as beat:
            verification = verify(
                run.scope or None, workers=workers, progress=beat, keys=keys, notes=notes
            )
        record(run, verification)
    except (Error, psycopg2.Error) as error:
        _interrupt(run)
        unreadable.refuse(error)
    except BaseException:
        _interrupt(run)
        raise
    return verification


def carry_out_in_background(run: VerificationRun) -> None:
    """Do the same in a thread, on a connection of its own; the page asks how far it is.

    It begins once the run and what it verifies are committed: a thread sees nothing before.
    """

    def work() -> None:
        try:
            carry_out(run)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name=f"verification-{run.pk}", daemon=True)
    transaction.on_commit(thread.start)


@transaction.atomic
def record(run: VerificationRun, verification: Verification) -> None:
    """Keep the result with the run, and record its outcome."""
    found = as_json(verification)
    run.result = found
    run.status = Status(verification.status)
    run.finished_at = run.beat_at = timezone.now()
    run.total = run.checked = sum(stream.size for stream in verification.streams)
    run.findings = len(_codes(verification)) + len(verification.reconciliation.listed)
    run.save()

    if any(fault.code == "N908" for s in verification.streams for fault in s.faults):
        guards.record(by="system:verify_ledger", reason="No fingerprint was on record yet.")
    chain.append(
        _outcome(run, verification), actor=run.started_by, subject=SUBJECT, reason=None
    )


def newest(origin: str) -> VerificationRun | None:
    """Return the newest finished run that looked at the stream of this origin."""
    return (
        _looked_at(origin)
        .filter(finished_at__isnull=False)
        .exclude(status=Status.INTERRUPTED)
        .first()
    )


def latest(origin: str) -> VerificationRun | None:
    """Return the run of that stream that began last, in whichever state."""
    return _looked_at(origin).first()


def is_alive(run: VerificationRun) -> bool:
    """Tell whether a run goes on; one that fell silent does not."""
    return run.status == Status.RUNNING and run.beat_at > timezone.now() - SILENCE


def _looked_at(origin: str) -> QuerySet[VerificationRun]:
    return VerificationRun.objects.filter(scope__in=["", origin]).order_by("-started_at")


def _codes(verification: Verification) -> list[str]:
    return [
        fault.code
        for stream in verification.streams
        for fault in stream.faults
        if fault.code.startswith("L")
    ]


def _outcome(
    run: VerificationRun, verification: Verification
) -> LedgerVerified | LedgerVerificationFailed:
    streams = tuple(
        StreamHead(
            origin=stream.origin,
            size=stream.size,
            root=stream.root or "",
            integrity=stream.integrity,
            completeness=stream.completeness,
            first_bad_seq=stream.first_bad_seq,
        )
        for stream in verification.streams
    )
    milliseconds = round(verification.seconds * 1000)
    if verification.status != "failed":
        return LedgerVerified(
            run=str(run.pk),
            scope=run.scope,
            streams=streams,
            entries=run.total,
            milliseconds=milliseconds,
        )
    return LedgerVerificationFailed(
        run=str(run.pk),
        scope=run.scope,
        streams=streams,
        entries=run.total,
        milliseconds=milliseconds,
        codes=tuple(sorted(set(_codes(verification)))),
        **verification.reconciliation.counts(),
    )


def _interrupt(run: VerificationRun) -> None:
    now = timezone.now()
    unfinished = VerificationRun.objects.filter(pk=run.pk, status=Status.RUNNING)
    try:
        unfinished.update(status=Status.INTERRUPTED, finished_at=now)
    except DatabaseError:
        return  # the database is what stopped it; the silence will say so


def state() -> State:
    """See `ledger.state`."""
    finished = VerificationRun.objects.filter(
        status__in=[Status.GOOD, Status.FAILED, Status.UNKNOWN]
    )
    run = finished.order_by("-started_at").first()
    if run is None:
        return State("missing", "Ledger not verified yet")
    key, last = _reach(run)
    told = _verdicts(run)
    if run.status == Status.GOOD:
        return State("evidenced", "Ledger verified", run.finished_at, last, key, told)
    if run.status == Status.UNKNOWN:
        words = "Ledger: nothing altered, end unknown"
        return State("partly", words, run.finished_at, last, key, told)
    return State("failed", "Ledger: verification failed", run.finished_at, None, key, told)


def _verdicts(run: VerificationRun) -> tuple[Verdict, ...]:
    """Return integrity, completeness and the tables, each judged on its own."""
    streams = run.result.get("streams") or []
    entries = sum(stream["size"] for stream in streams)
    altered, cut, open_ended = (
        sum(stream[what] == word for stream in streams)
        for what, word in (
            ("integrity", "failed"),
            ("completeness", "failed"),
            ("completeness", "unknown"),
        )
    )
    wrong = sum((run.result.get("reconciliation") or {}).values())
    of = f"{len(streams)} stream{'' if len(streams) == 1 else 's'}"
    told = [
        _verdict(
            "Integrity", altered, f"of {of} altered", f"Nothing altered in {entries:,} entries"
        ),
        _verdict("Completeness", cut, f"of {of} lack entries", f"Nothing missing in {of}"),
        _verdict("Rows against entries", wrong, "rows disagree", "0 rows disagree, either way"),
    ]
    if open_ended and not cut:
        words = f"{open_ended:,} of {of} without a trusted checkpoint"
        told[1] = Verdict("Completeness", words, "partly", "Unknown")
    return tuple(told)


def _verdict(name: str, bad: int, worse: str, good: str) -> Verdict:
    if bad:
        return Verdict(name, f"{bad:,} {worse}", "failed", "Failed")
    return Verdict(name, good, "evidenced", "Holds")


def _reach(run: VerificationRun) -> tuple[str, int | None]:
    """Return the key of the stream a run ended with and its last position there."""
    streams = run.result.get("streams") or []
    keys = {key_of(stream["origin"]): stream["size"] for stream in streams}
    key = key_of(run.scope) if run.scope else ORGANISATION
    return key, keys[key] - 1 if keys.get(key) else None
