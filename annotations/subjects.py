"""Patients as an erasure concerns them: their own key, what holds them, what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

import ledger
from accounts import data_permissions
from accounts.events.retention import SubjectKeyDestroyed
from accounts.subjects import Described, declare
from annotations import project_keys, series, settle
from annotations.image_errors import BlobErasedError
from annotations.imaging import blobs
from annotations.models import ImportedFile, Instance, Series, Snapshot, Subject

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Project

PREFIX = "annotations.subject"
READING = data_permissions.Purpose.ANNOTATION
MISSING = "missing"


def owner(subject: Subject) -> str:
    """Return the public name of the key that encrypts the images of `subject`."""
    return project_keys.subject_key_name(subject.project_id, subject.key_hash)


def destroyed(subject: Subject) -> ledger.Record | None:
    """Return the entry that says the key of `subject` was destroyed; None if it was not."""
    if subject.erased_at is None:
        return None
    entries = ledger.about(subject.ledger_ref, stream=subject.ledger_stream)
    return next((e for e in entries if e.event == SubjectKeyDestroyed.name), None)


def require_permitted(subject: Subject) -> None:
    """Raise NotPermittedError, which says what is missing, unless a current paper lets read."""
    data_permissions.require(subject.project, purpose=READING, subject=subject)


def is_open(project: UUID, subject: UUID) -> bool:
    """Tell whether the images of a subject may be read now, by one question."""
    ref = f"{PREFIX}:{subject}"
    return data_permissions.is_permitted(project, purpose=READING, subject_ref=ref)


def require_held_permitted(file: ImportedFile) -> None:
    """Raise NotPermittedError unless a held image may be looked at: it has no subject yet."""
    found = settle.found_in(file)
    series.require_permitted(file, found.subject_key, found.facts)


def require_readable(subject: Subject) -> None:
    """Let through who may open images of `subject` if they may be opened at all.

    Raises BlobErasedError, which says when and where, if its key is gone, and
    NotPermittedError where no current paper permits it.
    """
    if subject.erased_at is None:
        require_permitted(subject)
        return
    entry = destroyed(subject)
    where = f", entry #{entry.sequence:,}" if entry else ""
    raise BlobErasedError(f" on {subject.erased_at:%d %b %Y}{where}")


class Patients:
    """Answers accounts about the subjects of this app."""

    def described(self, ref: str) -> Described | None:
        subject = _subject(ref)
        if subject is None or subject.erased_at is not None:
            return None
        key = owner(subject)
        images = Instance.objects.filter(series__subject=subject)
        return Described(
            title=subject.code,
            key=key,
            stream=str(subject.project_id),
            images=images.count(),
            taken_in=tuple(images.values_list("created_at", flat=True)),
            snapshots=_snapshots(subject),
            waits=_waits(subject, key),
        )

    def found(self, project: Project, code: str) -> str | None:
        here = Subject.objects.filter(project=project, code=code, erased_at=None).first()
        return here.ledger_ref if here else None

    def holders(self, refs: Collection[str]) -> frozenset[str]:
        keys = [key for ref in refs if (key := _key(ref))]
        held = Subject.objects.filter(
            Q(pk__in=keys)
            | Q(series__pk__in=keys)
            | Q(series__instances__pk__in=keys)
            | Q(series__instances__files__pk__in=keys)
            | Q(series__items__pk__in=keys)
            | Q(series__items__annotations__pk__in=keys)
        )
        return frozenset(f"{PREFIX}:{pk}" for pk in held.values_list("pk", flat=True))

    def withhold(self, ref: str) -> None:
        """Empty the pseudonym, sex and age of the subject: nothing joins it to anybody now."""
        subject = _subject(ref)
        if subject is None or subject.erased_at is not None:
            return
        subject.series.update(sex=MISSING, age_band=MISSING)
        subject.key_hash, subject.erased_at = f"erased {subject.pk}", timezone.now()
        subject.save(update_fields=["key_hash", "erased_at"])


def _subject(ref: str) -> Subject | None:
    key = _key(ref)
    subjects = Subject.objects.select_related("project")
    return subjects.filter(pk=key).first() if key else None


def _key(ref: str) -> UUID | None:
    try:
        return UUID(ref.partition(":")[2])
    except ValueError:
        return None


def _snapshots(subject: Subject) -> tuple[str, ...]:
    held = Snapshot.objects.filter(members__item__series__subject=subject).distinct()
    return tuple(sorted(snapshot.ledger_ref for snapshot in held))


def _waits(subject: Subject, key: str) -> str:
    held = ImportedFile.objects.undecided().filter(project=subject.project)
    waiting = sum(ledger.parse(f.received.encode()).get("owner") == key for f in held)
    if waiting:
        return (
            f"{waiting} held images of {subject.code} wait in quarantine; decide on them first."
        )
    if Series.objects.filter(subject=subject).exists() and not _migrated(subject, key):
        return (
            f"Images of {subject.code} are still encrypted under the site's key; run "
            "manage.py give_subjects_keys first."
        )
    return ""


def _migrated(subject: Subject, key: str) -> bool:
    return not any(
        blobs.exists(digest) and not blobs.is_owned(digest, owner=key)
        for image in Instance.objects.filter(series__subject=subject)
        for digest in {image.file_sha256, image.thumbnail, *image.renditions}
    )


declare(PREFIX, Patients())
