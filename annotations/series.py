"""Series: which image belongs to which, and in what order a person scrolls through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

import ledger
from accounts import data_permissions
from annotations import events, project_keys, records, titles
from annotations.imaging import intake
from annotations.models import ImportedFile, Instance, Series, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from annotations.imaging.geometry import Volume
    from annotations.models import ImportBatch
    from annotations.settle import Found

    Stack = Volume[intake.Remembered]
    Slice = list[Any]  # the image's id, and the frame

REMARKS_LENGTH = 400


def place(file: ImportedFile, found: Found, *, uid: str) -> Series:
    """Return the series `uid` that the image of `file` belongs to, made if it is the first.

    Two patients never share a series, whatever their files say.  The caller holds the
    project's lock.
    """
    facts = found.facts
    subject = _subject(file, patient(found.subject_key, facts, uid=uid))
    one, _ = Series.objects.get_or_create(
        project=file.project,
        subject=subject,
        series_uid=uid,
        samples=facts["samples"],
        defaults={
            "study_uid": facts["study_uid"] or uid,
            "modality": facts["modality"],
            "body_part": found.cohort["body_part"],
            "sex": found.cohort["sex"],
            "age_band": found.cohort["age_band"],
            "title": titles.modality(facts["modality"]),
            "created_at": timezone.now(),
        },
    )
    return one


def made_uid(file: ImportedFile, purpose: str) -> str:
    """Return the UID that an image gets whose file gives none."""
    key = project_keys.deidentification_key(file.project)
    return project_keys.made_uid(key, purpose, file.input_digest)


def uid_of(file: ImportedFile, facts: dict[str, Any]) -> str:
    """Return the UID of the series that the image of `file` belongs to."""
    return facts["series_uid"] or made_uid(file, "series")


def require_permitted(file: ImportedFile, subject_key: str, facts: dict[str, Any]) -> None:
    """Raise NotPermittedError unless a current paper covers the patient in `file`."""
    who = patient(subject_key, facts, uid=uid_of(file, facts))
    known = Subject.objects.filter(project=file.project, key_hash=who).first()
    data_permissions.require(
        file.project, purpose=data_permissions.Purpose.ANNOTATION, subject=known
    )


def owner_of(file: ImportedFile, subject_key: str, facts: dict[str, Any]) -> str:
    """Return the public name of the key of the patient whose image `file` holds.

    Raises NotPermittedError where no current paper lets it be taken in.
    """
    require_permitted(file, subject_key, facts)
    who = patient(subject_key, facts, uid=uid_of(file, facts))
    return project_keys.subject_key_name(file.project_id, who)


def patient(pseudonym: str, facts: dict[str, Any], *, uid: str) -> str:
    """Return what joins the files of one patient: the pseudonym, or the study of nobody's."""
    return pseudonym or f"study {facts['study_uid'] or uid}"


def _subject(file: ImportedFile, key_hash: str) -> Subject:
    known = Subject.objects.filter(project=file.project, key_hash=key_hash).first()
    if known:
        return known
    last = Subject.objects.filter(project=file.project).aggregate(Max("number"))["number__max"]
    number = (last or 0) + 1
    return Subject.objects.create(
        project=file.project, number=number, code=f"SUBJ-{number:04}", key_hash=key_hash
    )


def touched_by(batch: ImportBatch) -> Iterable[Series]:
    """Return the series that `batch` brought images for."""
    return Series.objects.filter(instances__files__batch=batch).distinct().order_by("pk")


@transaction.atomic
def arrange(one: Series, *, by: User | str) -> None:
    """Order the images of a series in space; nothing is recorded if nothing changed.

    Stacks that make no volume together follow one another, largest first.
    """
    one = (
        Series.objects.select_for_update(of=("self",)).select_related("subject").get(pk=one.pk)
    )
    instances = list(one.instances.order_by("created_at", "id"))
    facts = [ledger.parse(instance.facts.encode()) for instance in instances]
    stacks = sorted(intake.arrange(facts), key=lambda stack: -len(stack.slices))
    slices: list[Slice] = [
        [str(instances[image.at].pk), frame]
        for stack in stacks
        for image, frame in stack.slices
    ]
    if slices == one.slices:
        return

    _describe(one, stacks, slices, facts)
    one.thumbnail = _middle(slices, instances)
    one.dtype = _dtype(facts)
    one.version += 1
    one.save()
    _number(instances, slices)

    ledger.append(
        events.SeriesArranged(
            record_id=one.ledger_ref,
            version=one.version,
            content_hash=records.series_digest(one),
            images=len(instances),
            frames=one.frames,
            plane=one.plane,
            is_volume=one.is_volume,
            slice_spacing=one.slice_spacing,
        ),
        actor=by,
        subject=one,
    )


def _describe(
    one: Series, stacks: list[Stack], slices: list[Slice], facts: list[dict[str, Any]]
) -> None:
    planes = {stack.plane for stack in stacks}
    one.plane = planes.pop() if len(planes) == 1 else ""
    one.is_volume = len(stacks) == 1 and stacks[0].is_volume
    spacing = stacks[0].slice_spacing if one.is_volume else None
    one.slice_spacing = "" if spacing is None else f"{spacing:.4f}".rstrip("0").rstrip(".")
    one.arrangement = _remarks(stacks)
    one.slices, one.frames = slices, len(slices)
    one.title = titles.title(
        modality=one.modality,
        body_part=one.body_part,
        plane=one.plane,
        images=len(facts),
        frames=one.frames,
    )


def _remarks(stacks: list[Stack]) -> str:
    remarks = [f"{len(stacks)} stacks that make no volume together"] if stacks[1:] else []
    for stack in stacks:
        if stack.gaps:
            remarks.append(f"slices are missing in {len(stack.gaps)} places")
        if stack.duplicates:
            remarks.append(f"{len(stack.duplicates)} slices are there twice and left out")
        if stack.reason:
            remarks.append(stack.reason)
    return "; ".join(dict.fromkeys(remarks))[:REMARKS_LENGTH]


def _middle(slices: list[Slice], instances: list[Instance]) -> str:
    by_id = {str(instance.pk): instance.thumbnail for instance in instances}
    return by_id[slices[len(slices) // 2][0]] if slices else ""


def _dtype(facts: list[dict[str, Any]]) -> str:
    """Return the one type that holds the frames of all images: see the frames' address."""
    kinds = {fact["dtype"] for fact in facts}
    return kinds.pop() if len(kinds) == 1 else "float32"


def _number(instances: list[Instance], slices: list[Slice]) -> None:
    first = {identifier: place for place, (identifier, _) in reversed(list(enumerate(slices)))}
    for instance in instances:
        order = first.get(str(instance.pk), len(slices))
        if instance.order != order:
            instance.order = order
            instance.save(update_fields=["order"])
