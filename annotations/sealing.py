"""Sealing: turn what was drawn into immutable revisions (schema annotation.revision/1)."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ledger
from accounts.models import User
from annotations import events, marks
from annotations.errors import InvalidAnnotationError, ReasonMissingError
from annotations.marks import Drawing, Mark, Viewed
from annotations.models import Annotation, Instance, Item, Protocol, Revision

SHORTEST_REASON = 3
COMPARED = ("tracking_id", "label", "kind", "instance", "frame", "points")


@dataclass(frozen=True, kw_only=True)
class Work:
    """Everything a revision says beside the drawing itself."""

    item: Item
    author: User
    at: datetime
    reason_code: str
    reason: str
    viewed: Viewed | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One revision to be sealed; `previous` is the one it follows."""

    mark: Mark
    image: Instance
    previous: Revision | None
    retired: bool


def changes(item: Item, drawn: Sequence[Mark], *, reason: str) -> list[Change]:
    """Compare what is drawn with what is sealed; return what must be sealed anew.

    Raises InvalidAnnotationError for marks that cannot be, and ReasonMissingError if sealed
    work would change without a reason.
    """
    sealed: dict[uuid.UUID, Revision] = {r.annotation_id: r for r in newest(item)}
    wanted = {m.instance for m in drawn} | {r.instance_id for r in sealed.values()}
    images = (
        Instance.objects.filter(series=item.series_id)
        .defer("facts", "renditions")
        .in_bulk(wanted)
    )
    marks.check(drawn, labels=item.protocol.labels, images=images)
    _check_identifiers(drawn, sealed)
    found = [
        Change(mark=mark, image=images[mark.instance], previous=previous, retired=False)
        for mark in drawn
        if _differs(mark, previous := _sealed_as(mark, sealed))
    ]
    kept = {mark.instance_uid for mark in drawn}
    found += [
        Change(mark=mark_of(gone), image=images[gone.instance_id], previous=gone, retired=True)
        for key, gone in sealed.items()
        if key not in kept and not gone.retired
    ]
    if any(change.previous for change in found) and len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError("changing what was sealed before")
    return found


def _sealed_as(mark: Mark, sealed: dict[uuid.UUID, Revision]) -> Revision | None:
    return sealed.get(mark.instance_uid) if mark.instance_uid else None


def newest(item: Item) -> list[Revision]:
    """Return the newest revision of each of the item's annotations, retired ones included."""
    return list(Revision.objects.filter(annotation__item=item).newest())


def sealed_before(
    item: Item, version: int, drawing: Drawing, *, reason: str
) -> list[Revision] | None:
    """Return what the item's last step sealed, if exactly this was handed in then; else None.

    `version` is the key: each seals once.  A repetition says the same to the last detail, so
    that nobody's second thought is mistaken for one.
    """
    every = newest(item)
    sealed = [r for r in every if r.created_at == item.changed_at]  # one time for all of it
    standing = {r.annotation_id: mark_of(r) for r in every if not r.retired}
    named = {m.instance_uid: m for m in drawing.marks if m.instance_uid is not None}
    fresh = Counter(m for m in drawing.marks if m.instance_uid is None)
    unnamed = Counter(
        replace(mark, instance_uid=None) for key, mark in standing.items() if key not in named
    )
    is_same = (
        version == item.version - 1
        and drawing.nothing_to_mark == item.nothing_to_mark
        and named == {key: mark for key, mark in standing.items() if key in named}
        and fresh == unnamed
        and all(_said(r) in (None, reason.strip()) for r in sealed)
        and all(r.body["viewed"] == _viewed(drawing.viewed) for r in sealed)
    )
    return sealed if is_same else None


def _said(revision: Revision) -> str | None:
    """Return the reason that a revision was made for; None for the first."""
    reason = revision.body["reason"]
    return None if reason is None else str(reason["text"])


def mark_of(revision: Revision) -> Mark:
    """Return a sealed revision as the mark it was drawn as."""
    body = revision.body
    return Mark(
        instance_uid=revision.annotation_id,
        tracking_id=body["tracking_id"],
        label=body["concept"]["value"],
        kind=body["geometry"]["kind"],
        instance=revision.instance_id,
        frame=body["target"]["frame"],
        points=tuple((x, y) for x, y in body["geometry"]["points"]),
    )


def seal(found: Sequence[Change], *, work: Work) -> list[Revision]:
    """Store one sealed revision per change, in order; new annotations get their row first."""
    revisions = [_revision(change, work) for change in found]
    Annotation.objects.bulk_create(
        Annotation(pk=revision.annotation_id, item=work.item)
        for revision in revisions
        if revision.number == 1
    )
    return Revision.objects.bulk_create(revisions)


def event_of(revision: Revision, change: Change, work: Work) -> ledger.Event:
    """Return the event that seals the revision: created, modified or retired."""
    facts: dict[str, Any] = {
        "record_id": revision.record_id,
        "version": revision.number,
        "content_hash": revision.content_hash,
        "item": work.item.ledger_ref,
        "series": f"annotations.series:{work.item.series_id}",
        "image": change.image.sop_uid,
        "frame": change.mark.frame,
        "label": change.mark.label,
        "tool": change.mark.kind,
        "source": "manual",
    }
    if change.previous is None:
        return events.AnnotationCreated(**facts)
    facts |= {
        "previous_version": change.previous.number,
        "previous_hash": change.previous.content_hash,
        "reason_code": work.reason_code,
    }
    if change.retired:
        return events.AnnotationRetired(**facts)
    return events.AnnotationModified(**facts)


@dataclass(frozen=True)
class AnnotationSubject:
    """An annotation as entries name it, without another look-up of its item."""

    ledger_ref: str
    ledger_stream: str


def subject(revision: Revision, item: Item) -> AnnotationSubject:
    """Return what an entry about this revision is about."""
    return AnnotationSubject(revision.record_id, item.ledger_stream)


def _differs(mark: Mark, previous: Revision | None) -> bool:
    if previous is None or previous.retired:
        return True
    before = mark_of(previous)
    return any(getattr(mark, name) != getattr(before, name) for name in COMPARED)


def _check_identifiers(drawn: Sequence[Mark], sealed: dict[uuid.UUID, Revision]) -> None:
    fresh = [m.instance_uid for m in drawn if m.instance_uid and m.instance_uid not in sealed]
    if fresh and Annotation.objects.filter(pk__in=fresh).exists():
        raise InvalidAnnotationError("An identifier is already in use; draw that mark again.")


def _revision(change: Change, work: Work) -> Revision:
    previous = change.previous
    annotation_id = change.mark.instance_uid or uuid.uuid4()
    content = _content(change, work, annotation_id)
    return Revision(
        annotation_id=annotation_id,
        instance=change.image,
        number=previous.number + 1 if previous else 1,
        retired=change.retired,
        parent_hash=previous.content_hash if previous else "",
        content=content,
        content_hash=ledger.sha256_hex(content),
        author=work.author,
        created_at=work.at,
    )


def _content(change: Change, work: Work, annotation_id: uuid.UUID) -> bytes:
    mark, previous, item = change.mark, change.previous, work.item
    reason = {"code": work.reason_code, "text": work.reason.strip()} if previous else None
    return ledger.canonical(
        {
            "schema": "annotation.revision/1",
            "instance_uid": f"2.25.{annotation_id.int}",
            "tracking_id": mark.tracking_id,
            "revision": previous.number + 1 if previous else 1,
            "parent": previous.content_hash if previous else None,
            "reason": reason,
            "status": "retired" if change.retired else "current",
            "target": _target(change, item),
            "concept": concept(item.protocol, mark.label),
            "attributes": [],
            "geometry": {
                "kind": mark.kind,
                "space": "image_px",
                "origin": "pixel_corner",
                "points": [list(point) for point in mark.points],
            },
            "depth": [],
            "plane": {"acquired": item.series.plane or None},
            "origin": {"source": "manual", "model": None},
            "viewed": _viewed(work.viewed),
            "ontology": f"sha256:{item.protocol.labels_hash}",
            "protocol": f"sha256:{item.protocol.content_hash}",
            "author": work.author.ledger_ref,
            "at": written(work.at),
        }
    )


def _target(change: Change, item: Item) -> dict[str, Any]:
    image = change.image
    return {
        "subject": item.series.subject.code,
        "study_uid": item.series.study_uid,
        "series_uid": item.series.series_uid,
        "sop_uid": image.sop_uid,
        "frame": change.mark.frame,
        "frame_of_reference_uid": image.frame_of_reference_uid or None,
        "file_sha256": image.file_sha256,
        "pixel_sha256": image.pixel_sha256,
    }


def concept(protocol: Protocol, value: str) -> dict[str, str]:
    """Return the coded concept of a label: value, scheme, meaning (PS3.3 §8.8)."""
    label = next(label for label in protocol.labels if label["value"] == value)
    return {name: label[name] for name in ("value", "scheme", "meaning")}


def _viewed(viewed: Viewed | None) -> dict[str, Any] | None:
    if viewed is None:
        return None
    return {
        "window": list(viewed.window),
        "zoom": viewed.zoom,
        "frames_seen": list(viewed.frames_seen),
        "milliseconds": viewed.milliseconds,
    }


def written(at: datetime) -> str:
    """Return a time as records write it: UTC, microseconds, Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
