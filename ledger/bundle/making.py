"""Bundles as acts: asked for by somebody, made, verified, kept, recorded, taken away."""

from __future__ import annotations

import contextvars
import logging
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, connections, transaction
from django.utils import timezone

from ledger import chain
from ledger.bundle.errors import BundleError, disk_faults_named
from ledger.bundle.events import BundledStream, ExportCreated
from ledger.bundle.keeping import expire, require_permission, scope_of
from ledger.bundle.models import Bundle
from ledger.bundle.progress import Beat
from ledger.bundle.proving import prove
from ledger.bundle.writing import Order, drawn_up
from ledger.envelope import TIME_FORMAT
from ledger.references import reference
from ledger.signing_keys import SignerError

if TYPE_CHECKING:
    from ledger.bundle.draft import Draft
    from ledger.bundle.progress import Progress
    from ledger.bundle.scope import Scope
    from ledger.bundle.writing import Made
    from ledger.references import Actor

logger = logging.getLogger(__name__)
State = Bundle.State
_one_at_a_time = threading.Lock()  # two would only slow each other down


def request(scope: Scope, *, by: Actor | str) -> Bundle:
    """Ask for a bundle.  `by` is a person, or "system:…" for the command line.

    Raises PermissionDenied unless they may read everything that would be in it.
    """
    require_permission(by, scope.key)

    now = timezone.now()
    return Bundle.objects.create(
        stream_key=scope.key,
        since=scope.since,
        until=scope.until,
        record=scope.record or "",
        requested_by=reference(by),
        requested_at=now,
        beat_at=now,
    )


def carry_out(
    bundle: Bundle, place: Path, *, with_files: bool = False, progress: Progress | None = None
) -> Made:
    """Make the bundle that was asked for, verify it, keep it at `place` and record it.

    `progress` is told a stage, how many entries are done and of how many.  Raises BundleError
    or SignerError, after noting it with the bundle; then no file is there.
    """
    beat = Beat(bundle, progress)
    try:
        order = Order(scope=scope_of(bundle), created_at=timezone.now(), with_blobs=with_files)
        with drawn_up(place, order, beat) as (draft, made):
            beat("checking", 0, 0)
            prove(draft.path, made, beat)
            beat("recording", 0, 0)
            with disk_faults_named(place.parent):
                _keep(bundle, place, draft, made)
    except (BundleError, SignerError) as error:
        _fail(bundle, str(error))
        raise
    except BaseException:
        _fail(bundle, "Making it was interrupted by a fault that the log of the server names.")
        raise
    finally:
        beat.close()
    return made


def carry_out_in_background(bundle: Bundle) -> None:
    """Do the same in a thread, into the site's own folder; the page asks how far it is."""

    def work() -> None:
        try:
            place = Path(bundle.file_path)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _wait_for_turn(bundle)
            try:
                expire()
                carry_out(bundle, place)
            finally:
                _one_at_a_time.release()
        except (BundleError, SignerError, OSError) as error:
            _fail(bundle, str(error))
            logger.warning("bundle %s was not made: %s", bundle.pk, error)
        finally:
            connections.close_all()

    # The thread inherits from where the act came: session, device and address.
    context = contextvars.copy_context()
    name = f"bundle-{bundle.pk}"
    thread = threading.Thread(target=context.run, args=(work,), name=name, daemon=True)
    transaction.on_commit(thread.start)  # it sees nothing of the bundle before


def _wait_for_turn(bundle: Bundle) -> None:
    while not _one_at_a_time.acquire(timeout=5):
        Bundle.objects.filter(pk=bundle.pk).update(stage="waiting", beat_at=timezone.now())


def _keep(bundle: Bundle, place: Path, draft: Draft, made: Made) -> None:
    """Name the file and record the bundle: both, or neither."""
    named = False
    try:
        with transaction.atomic():
            _note(bundle, place, made)
            chain.append(
                _event(bundle, made), actor=bundle.requested_by, subject=bundle, reason=None
            )
            draft.keep()
            named = True
    except BaseException:
        if named:
            place.unlink(missing_ok=True)
        raise


def _note(bundle: Bundle, place: Path, made: Made) -> None:
    now = timezone.now()
    bundle.state, bundle.problem, bundle.stage = State.MADE, "", ""
    bundle.made_at = bundle.beat_at = now
    bundle.sha256, bundle.size = made.sha256, made.size
    if place == Path(bundle.file_path):
        bundle.file_until = now + timedelta(days=settings.BUNDLE_DAYS)
    bundle.done = bundle.total = sum(head.size for head in made.heads.included)
    bundle.facts = {
        "shown": made.shown,
        "withheld": made.withheld,
        "erased": made.erased,
        "signatures": made.signatures,
        "vkey": made.vkey,
        "heads": [
            {"origin": head.origin, "size": head.size, "root": head.root.hex()}
            for head in made.heads.included
        ],
        "checkpoint": made.heads.organisation.note,
    }
    bundle.save()


def _event(bundle: Bundle, made: Made) -> ExportCreated:
    scope = made.order.scope
    return ExportCreated(
        export_id=str(bundle.pk),
        project=None if scope.is_organisation else scope.key,
        scope=scope.words,
        since=scope.since.isoformat() if scope.since else None,
        until=scope.until.isoformat() if scope.until else None,
        record=scope.record,
        with_files=made.order.with_blobs,
        created_at=made.order.created_at.strftime(TIME_FORMAT),
        bundle_sha256=made.sha256,
        bundle_size=made.size,
        manifest_sha256=made.manifest_sha256,
        signatures=made.signatures,
        streams=tuple(
            BundledStream(
                origin=head.origin,
                size=head.size,
                root=head.root.hex(),
                shown=made.counts[head.origin].shown,
                withheld=made.counts[head.origin].withheld.total(),
                erased=made.counts[head.origin].erased,
            )
            for head in made.heads.included
        ),
    )


def _fail(bundle: Bundle, problem: str) -> None:
    unfinished = Bundle.objects.filter(pk=bundle.pk, state=State.REQUESTED)
    try:
        unfinished.update(state=State.FAILED, problem=problem[:2000], stage="")
    except Error:
        return  # the database is what stopped it; the silence will say so
