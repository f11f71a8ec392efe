"""The outcome of one file, each in one transaction that ends with its entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.models import Project
from annotations import deid, events, project_keys, records, series, storage, titles
from annotations.import_errors import AlreadySettledError, ImportedBeforeError
from annotations.models import ImportedFile, Instance

if TYPE_CHECKING:
    from accounts.models import User
    from annotations.imaging.intake import Received
    from annotations.refusal import AnnotationsError

OPTIONS = deid.PROJECT_OPTIONS
PROFILE = "PS3.15 Basic Application Level Confidentiality Profile"
REASON_LENGTH = 400


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of opening a file, as it can be kept as JSON; nothing identifies a patient."""

    decision: str
    reason: str
    code: str
    subject_key: str
    cohort: dict[str, str]
    facts: dict[str, Any]
    frames: list[str]
    thumbnail: str
    pixel_sha256: str
    counts: dict[str, int]
    clean: str
    key_id: str
    owner: str = ""  # the public name of the subject's key; "" for what came before there were

    @classmethod
    def of(cls, received: Received, *, clean: str, key: bytes) -> Self:
        return cls(
            decision=received.decision,
            reason=received.reason[:REASON_LENGTH],
            code=received.code,
            subject_key=received.subject_key,
            cohort=_coarse(received.cohort),
            facts=received.facts,
            frames=list(received.frames),
            thumbnail=received.thumbnail,
            pixel_sha256=received.pixel_sha256,
            counts=received.counts,
            clean=clean,
            key_id=project_keys.key_id(key),
            owner=received.owner,
        )

    def as_text(self) -> str:
        return ledger.canonical(vars(self)).decode()

    def with_clean(self, clean: str) -> Self:
        """Return the same, found in another version of the de-identified file."""
        return replace(self, clean=clean)

    @property
    def profile(self) -> dict[str, Any]:
        """The facts about de-identification that entries state."""
        return {**profile(self.key_id), "counts": self.counts}


def same_input(file: ImportedFile) -> Instance | ImportedFile | None:
    """Return the image, or the file still held, that came from the same bytes; None if new."""
    known = {"project": file.project, "input_digest": file.input_digest}
    return (
        Instance.objects.filter(**known).first()
        or ImportedFile.objects.undecided().filter(**known).exclude(pk=file.pk).first()
    )


def profile(key_id: str) -> dict[str, Any]:
    """Return what entries state about how images are de-identified here."""
    edition, fingerprint = deid.table_edition()
    return {
        "table_edition": edition,
        "table_sha256": fingerprint,
        "profile": PROFILE,
        "options": tuple(sorted(OPTIONS)),
        "key_id": key_id,
    }


def _coarse(cohort: dict[str, str]) -> dict[str, str]:
    """Keep what is from a closed list: other words of a header can hold a name."""
    return {
        "sex": cohort["sex"],
        "age_band": cohort["age_band"],
        "body_part": titles.known_body_part(cohort["body_part"]),
    }


def found_in(file: ImportedFile) -> Found:
    """Return what was found in `file` when it was held."""
    return Found(**ledger.parse(file.received.encode()))


@transaction.atomic
def take_in(
    file: ImportedFile, found: Found, *, by: User | str, decision: str = "clear"
) -> ImportedFile:
    """Make the image of `file` part of its project.

    The same image a second time ends as a duplicate; another one under its identifier as
    rejected.  Raises NotPermittedError without a current data permission and BlobMissingError
    if its bytes are not all stored; then nothing changed.
    """
    file = _claim(file)
    series.require_permitted(file, found.subject_key, found.facts)
    kept = [found.clean, found.thumbnail, *found.frames]
    storage.require_stored(kept, owner=found.owner)
    sop_uid = found.facts["sop_uid"] or series.made_uid(file, "sop")
    same = same_input(file) or _same_address(file, sop_uid)
    if same:
        return _not_twice(file, found, same=same, by=by)

    instance = _kept(file, found, sop_uid=sop_uid)
    if file.status == ImportedFile.Status.WAITING:
        _end(file, ImportedFile.Status.IMPORTED)
    file.instance = instance
    file.save()

    ledger.append(
        _ingested(instance, file, found, decision=decision), actor=by, subject=instance
    )
    return file


def _kept(file: ImportedFile, found: Found, *, sop_uid: str) -> Instance:
    one = series.place(file, found, uid=series.uid_of(file, found.facts))
    return Instance.objects.create(
        project=file.project,
        series=one,
        order=one.instances.count(),
        sop_uid=sop_uid,
        sop_class_uid=found.facts["sop_class_uid"],
        frame_of_reference_uid=found.facts["frame_of_reference_uid"],
        input_digest=file.input_digest,
        file_sha256=found.clean,
        pixel_sha256=found.pixel_sha256,
        rows=found.facts["rows"],
        columns=found.facts["columns"],
        frames=found.facts["frames"],
        dtype=found.facts["dtype"],
        facts=ledger.canonical(found.facts).decode(),
        renditions=found.frames,
        thumbnail=found.thumbnail,
        created_at=timezone.now(),
    )


def _ingested(
    instance: Instance, file: ImportedFile, found: Found, *, decision: str
) -> events.ImageIngested:
    one = instance.series
    return events.ImageIngested(
        record_id=instance.ledger_ref,
        version=1,
        content_hash=records.image_digest(instance),
        file=file.ledger_ref,
        batch=file.batch.ledger_ref,
        subject_code=one.subject.code,
        series=one.ledger_ref,
        study_uid=one.study_uid,
        series_uid=one.series_uid,
        sop_uid=instance.sop_uid,
        form=found.facts["format"],
        frames=instance.frames,
        input_digest=instance.input_digest,
        file_sha256=instance.file_sha256,
        pixel_hash=instance.pixel_sha256,
        pixel_decision=decision,
        **found.profile,
    )


@transaction.atomic
def hold(file: ImportedFile, found: Found, *, by: User | str) -> ImportedFile:
    """Keep `file` from everybody but those who decide: its pixels may show a name."""
    file = _claim(file)
    same = same_input(file)
    if same:
        return skip(file, same_as=same, code="same_file", by=by)

    file.received = found.as_text()
    _end(file, ImportedFile.Status.QUARANTINED, code=found.code, reason=found.reason)
    file.save()

    ledger.append(
        events.ImageQuarantined(
            file=file.ledger_ref,
            batch=file.batch.ledger_ref,
            reason_code=found.code,
            form=found.facts["format"],
            input_digest=file.input_digest,
            file_sha256=found.clean,
            pixel_hash=found.pixel_sha256,
            **found.profile,
        ),
        actor=by,
        subject=file,
    )
    return file


@transaction.atomic
def skip(
    file: ImportedFile, *, same_as: Instance | ImportedFile, code: str, by: User | str
) -> ImportedFile:
    """End `file` as a duplicate of what is here already."""
    file = _claim(file)

    if isinstance(same_as, Instance):
        file.instance = same_as
    _end(file, ImportedFile.Status.DUPLICATE, code=code, reason=DUPLICATES[code])
    file.save()

    ledger.append(
        events.ImportDeduplicated(
            file=file.ledger_ref,
            batch=file.batch.ledger_ref,
            reason_code=code,
            input_digest=file.input_digest,
            same_as=same_as.ledger_ref,
        ),
        actor=by,
        subject=file,
    )
    return file


@transaction.atomic
def reject(file: ImportedFile, refusal: AnnotationsError, *, by: User | str) -> ImportedFile:
    """End `file` as rejected for the reason that `refusal` gives; it stays in the count."""
    file = _claim(file)

    _end(file, ImportedFile.Status.REJECTED, code=refusal.code, reason=str(refusal))
    file.save()

    ledger.append(
        events.ImportRejected(
            file=file.ledger_ref,
            batch=file.batch.ledger_ref,
            number=file.number,
            reason_code=refusal.code,
            input_digest=file.input_digest,
        ),
        actor=by,
        subject=file,
    )
    return file


DUPLICATES = {
    "same_file": "The same file is here already; it is kept once.",
    "same_pixels": "The same image is here already, under another header; it is kept once.",
}


def _claim(file: ImportedFile) -> ImportedFile:
    """Lock the project, so that outcomes come one after the other, and the file if it waits."""
    Project.objects.select_for_update(no_key=True).get(pk=file.project_id)
    stored = ImportedFile.objects.select_for_update().filter(pk=file.pk).first()
    if stored and stored.status != ImportedFile.Status.WAITING and not stored.is_undecided:
        raise AlreadySettledError
    return file


def _not_twice(
    file: ImportedFile, found: Found, *, same: Instance | ImportedFile, by: User | str
) -> ImportedFile:
    file.received = found.as_text()  # until disposed of
    if isinstance(same, Instance) and same.pixel_sha256 != found.pixel_sha256:
        return reject(file, ImportedBeforeError(), by=by)
    return skip(file, same_as=same, code="same_pixels", by=by)


def _same_address(file: ImportedFile, sop_uid: str) -> Instance | None:
    return Instance.objects.filter(project=file.project, sop_uid=sop_uid).first()


def _end(
    file: ImportedFile, status: ImportedFile.Status, *, code: str = "", reason: str = ""
) -> None:
    file.status = status.value
    file.reason_code, file.reason = code, reason[:REASON_LENGTH]
    file.settled_at = timezone.now()
