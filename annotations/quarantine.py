"""Decide about images that are held because their pixels may show who the patient is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.permissions import require_permission
from annotations import events, series, settle, storage
from annotations.errors import ReasonMissingError
from annotations.imaging import blobs, intake, sandbox
from annotations.import_errors import DecidedMeanwhileError, NotHeldError
from annotations.models import ImportedFile

if TYPE_CHECKING:
    from accounts.models import User

SHORTEST_REASON = 3


def decide(
    file: ImportedFile, *, by: User, accept: bool, reason: str, version: int
) -> ImportedFile:
    """Let the image of `file` into its project, or destroy it, on the word of `by`.

    `version` is the one that was displayed.  Raises PermissionDenied, ReasonMissingError,
    NotHeldError or DecidedMeanwhileError; then nothing has changed and nothing is recorded.
    """
    require_permission(by, "decide_quarantine", file.project)
    _require_undecided(file, version=version)
    found = settle.found_in(file)
    if accept:
        found = _released(found)
    file = _decide(file, found, by=by, accept=accept, reason=reason.strip(), version=version)
    storage.dispose(file)
    file.refresh_from_db()
    return file


def _released(found: settle.Found) -> settle.Found:
    """Say in the stored file that nobody can be recognised in it, now that a person looked."""
    with sandbox.job_folder() as folder:
        path = folder / "clean"
        path.write_bytes(blobs.get(found.clean, owner=found.owner))
        released, _ = intake.release(path, folder=folder)
        content = released.read_bytes()
        return found.with_clean(blobs.put(content, kind="image", owner=found.owner))


@transaction.atomic
def _decide(
    file: ImportedFile,
    found: settle.Found,
    *,
    by: User,
    accept: bool,
    reason: str,
    version: int,
) -> ImportedFile:
    require_permission(by, "decide_quarantine", file.project)

    file = ImportedFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    _require_undecided(file, version=version)
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissingError("a decision about a held image")

    if accept:
        file = settle.take_in(file, found, by=by, decision="accepted by a person")
        if file.instance:
            series.arrange(file.instance.series, by=by)
    decision = ImportedFile.Decision.ACCEPTED if accept else ImportedFile.Decision.REJECTED
    file.decision = decision.value
    file.decision_reason, file.decided_by = reason, by
    file.decided_at, file.version = timezone.now(), version + 1
    file.save()

    ledger.append(_decided(file, found), actor=by, subject=file, reason=reason)
    return file


def _decided(file: ImportedFile, found: settle.Found) -> events.QuarantineDecided:
    return events.QuarantineDecided(
        file=file.ledger_ref,
        version=file.version,
        previous_version=file.version - 1,
        decision=file.decision,
        held_for=file.reason_code,
        input_digest=file.input_digest,
        file_sha256=found.clean,
        pixel_hash=found.pixel_sha256,
        image=file.instance.ledger_ref if file.instance else None,
    )


def _require_undecided(file: ImportedFile, *, version: int) -> None:
    if file.decided_by and file.version != version:
        raise DecidedMeanwhileError(file.decided_by.printed_name)
    if not file.is_undecided or file.version != version:
        raise NotHeldError
