"""The record of what happened: append-only, hash-chained, never edited.

This file is the whole of what other apps may use.  `append` writes one entry; `Event`,
`control`, `recorded`, `names` and the like are what an app declares; `about`, `positions`,
`head` and `state` are what pages read.  Nothing under `ledger` imports the apps above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.again import again_if_crossed
from ledger.canonical_json import CanonicalError, canonical, parse
from ledger.disposal import (
    erase,
    erasure_targets,
    erasures,
    never_erased,
    remains_of,
    retention_class,
    retention_classes,
    retention_holdings,
    scrub,
    sweep,
)
from ledger.durable import make_durable
from ledger.errors import CrossedError, RecordHeldError, RecoveryRefusedError
from ledger.hashing import sha256_hex
from ledger.origin import origin
from ledger.registry import (
    Event,
    Finding,
    Observation,
    Record,
    blobs,
    control,
    erasable,
    kept_longer,
    name_of,
    names,
    recorded,
    stream_named,
    streams_named,
    streams_visible,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from ledger.chain import Receipt
    from ledger.erasure import Target as Target
    from ledger.evidence.newest import Summary as Summary
    from ledger.references import Actor, Subject
    from ledger.retention import Holding as Holding
    from ledger.retention import RetentionClass as RetentionClass
    from ledger.runs import State

__all__ = [
    "CanonicalError",
    "CrossedError",
    "Event",
    "Finding",
    "Observation",
    "Record",
    "RecordHeldError",
    "RecoveryRefusedError",
    "about",
    "again_if_crossed",
    "append",
    "append_many",
    "blobs",
    "canonical",
    "control",
    "erasable",
    "erase",
    "erasure_targets",
    "erasures",
    "finish",
    "head",
    "health",
    "is_reference",
    "kept_longer",
    "make_durable",
    "make_report",
    "name_of",
    "names",
    "never_erased",
    "newest_reports",
    "origin",
    "parse",
    "positions",
    "recorded",
    "recover",
    "remains_of",
    "retention_class",
    "retention_classes",
    "retention_holdings",
    "run_probes",
    "scrub",
    "serve",
    "sha256_hex",
    "sign_and_anchor",
    "state",
    "stream_named",
    "streams_named",
    "streams_visible",
    "sweep",
]


def append(
    event: Event, *, actor: Actor | str, subject: Subject | str, reason: str | None = None
) -> Receipt:
    """Append `event` to the record, inside the caller's transaction, and return its receipt.

    If the caller's transaction rolls back, the entry was never written: a change and its entry
    stand or fall together.  `actor` and `subject` expose `ledger_ref`, or are references
    ("system:import"); a subject's `ledger_stream` names the project whose stream it belongs to.
    Raises ValueError where the event cannot be written in canonical form, and
    RecordHeldError after the database was set back, until somebody declares the recovery.
    """
    from ledger import chain, checkpoints, rollback  # models load after apps do

    rollback.require_free()
    receipt = chain.append(event, actor=actor, subject=subject, reason=reason)
    if event.urgent:
        checkpoints.wake_after_commit()
    return receipt


def append_many(
    events: Iterable[tuple[Event, Subject | str]],
    *,
    actor: Actor | str,
    reason: str | None = None,
) -> int:
    """Append each event about its subject, in this order, and return how many they were.

    For the many entries of one act: up to 1,000 are one statement, and cost a fraction of
    what they would one by one.  They too are the last thing in the caller's transaction and
    stand or fall with it; until its COMMIT, what others append to these streams waits to be
    linked.  Raises what `append` raises; then none is written.
    """
    from ledger import chain, rollback

    rollback.require_free()
    return chain.append_many(events, actor=actor, reason=reason)


def about(*refs: str, stream: str | None = None) -> list[Record]:
    """Return every sealed entry whose subject is one of `refs`, oldest first.

    `stream` is a project's id; None looks into every stream.
    """
    from ledger import history

    return history.about(refs, stream)


def positions(refs: Collection[str], stream: str | None = None) -> dict[str, int]:
    """Return the newest position about each of `refs` in a stream; None: the organisation's."""
    from ledger import history

    return history.positions(refs, stream)


def head(stream: str | None = None) -> tuple[int, datetime] | None:
    """Return position and sealing time of a stream's newest entry; None if it has none."""
    from ledger import history

    return history.head(stream)


def state() -> State:
    """Return the outcome of the newest finished verification, or that there was none."""
    from ledger import runs

    return runs.state()


def newest_reports(*streams: str) -> list[Summary]:
    """Return the newest finished report of each regulation on each stream, worst first.

    A stream is "org" or a project's id; whoever asks has made sure that it may be seen.
    """
    from ledger.evidence import newest

    return newest.newest_reports(streams)


def make_report(catalogue: str, *, stream: str, by: Actor) -> str:
    """Make the report on a regulation for the whole period of a stream; return its reference.

    Raises PermissionDenied, UnknownCatalogueError or RenderError.
    """
    from ledger.evidence import making

    asked = making.request(
        catalogue, stream_key=stream, period=making.whole_period(stream), by=by
    )
    return making.carry_out(asked).ledger_ref


def run_probes(*, by: Actor) -> int:
    """Try every probe on the running system once, as `by`; return how many observations."""
    from ledger.evidence import probing

    return len(probing.run(by=by))


def health() -> dict[str, str]:
    """Return how what must go on stands: "quiet", "alarm" or "unknown" of each, by its kind.

    The kinds: record, sealing, checkpoints, anchors and verification.  An alarm that this
    process sees for the first time goes to the log.
    """
    from ledger import alarms

    found = alarms.look()
    alarms.tell(found)
    return {alarm.kind: str(alarm.state) for alarm in found}


def recover(*, by: Actor, approved_by: Actor, reason: str) -> list[str]:
    """Go on although signed entries are lost for good; return what was lost, in words.

    Positions that were lost are taken, both people are named on record, and writing goes on.
    Whoever calls has made sure of who they are.  Raises RecoveryRefusedError.
    """
    from ledger import recovery
    from ledger.signing_keys import SignerError

    try:
        lost = recovery.recover(by=by, approved_by=approved_by, reason=reason)
    except (ValueError, SignerError) as error:
        raise RecoveryRefusedError(str(error)) from error
    return [str(each) for each in lost]


def serve() -> None:
    """Make this process ready to answer requests: called once, before the first.

    Raises ImproperlyConfigured on a database that could lose or rewrite the record, and on a
    signer's folder that others can reach.  From now on a thread links entries that find their
    stream busy, and another, unless LEDGER_JOBS is off, signs and anchors what is written.
    """
    from ledger import checks, jobs, sealer, signer_checks
    from ledger.anchors.checks import require_sound_settings

    checks.require_safe_database()
    require_sound_settings()
    signer_checks.require_safe_signer()
    sealer.run_in_background()
    jobs.serve()


def finish() -> None:
    """Sign what this process has appended, if anything: for the end of a command.

    Without it, what a command wrote would wait for a server to start.  A site whose signer
    works elsewhere (LEDGER_JOBS off) leaves it to that one.  The record stands either way: a
    signer that cannot work now says why in the log.
    """
    from ledger import jobs

    jobs.finish()


def sign_and_anchor() -> str:
    """Sign and anchor everything now; return the key that verifies the whole site (a vkey).

    For the end of a set-up: a running site's clockwork does it by itself.
    """
    from ledger import anchors, checkpoints, sealer
    from ledger.history import stream_origin

    sealer.seal_everything()
    checkpoints.sign_everything()
    anchors.publish_everything()
    checkpoints.sign_everything()  # the entry about the anchors too
    return checkpoints.vkey(stream_origin(None))


def is_reference(text: str) -> bool:
    """Tell whether `text` names something as the record does: "app.thing:id"."""
    from ledger.references import REFERENCE

    return bool(REFERENCE.match(text))
