"""Snapshots: freeze accepted and signed work into a dataset that commits to all of it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

import ledger
from accounts import data_permissions
from accounts.models import Project, User
from accounts.permissions import require_permission
from annotations import split as splits
from annotations.errors import DamagedRecordError, NothingToFreezeError, SnapshotNameTakenError
from annotations.events import DatasetSnapshotFrozen
from annotations.models import (
    Instance,
    Item,
    Revision,
    Signature,
    Snapshot,
    SnapshotMember,
)
from annotations.sealing import written
from annotations.split import SUBSETS, Split

COUNTED = ("subjects", "images", "items", "annotations")


@dataclass(frozen=True, kw_only=True)
class Rehash:
    """What re-reading a snapshot found: how many members hold, and which do not."""

    members: int
    differing: Sequence[str]
    root_holds: bool

    @property
    def holds(self) -> bool:
        return self.root_holds and not self.differing


@transaction.atomic
def freeze(project: Project, *, name: str, split: Split, by: User | str) -> Snapshot:
    """Freeze every accepted item of the project, split by subject, under `name`.

    Subjects who withdrew are left out.  `by` is a person, or "system:…" for the command line.
    Raises PermissionDenied, NotPermittedError, NothingToFreezeError or
    SnapshotNameTakenError; then nothing is frozen.
    """
    if isinstance(by, User):
        require_permission(by, "freeze_snapshot", project)

    project = Project.objects.select_for_update().get(pk=project.pk)
    name = name.strip() or f"Snapshot {project.snapshots.count() + 1}"
    if project.snapshots.filter(name=name).exists():
        raise SnapshotNameTakenError(name)
    items = _permitted(project, _accepted(project))
    if not items:
        raise NothingToFreezeError

    subsets = splits.by_subject(
        (item.series.subject.code for item in items), split=split, seed=str(project.pk)
    )
    members = [
        SnapshotMember(
            position=position,
            item=item,
            subset=subsets[item.series.subject.code],
            subject_code=item.series.subject.code,
            content=_member(item, subsets[item.series.subject.code]),
        )
        for position, item in enumerate(items)
    ]
    snapshot = _store(project, name, split, by, members)

    ledger.append(_event_of(snapshot), actor=by, subject=snapshot)
    return snapshot


def _accepted(project: Project) -> list[Item]:
    """Lock and load what is accepted, by subject and series, with all that members tell."""
    holding = Signature.objects.filter(superseded_at__isnull=True)
    images = Instance.objects.defer("facts", "renditions")
    accepted = Item.objects.filter(project=project).accepted().select_for_update(of=("self",))
    return list(
        accepted.select_related("series__subject", "protocol")
        .prefetch_related(
            Prefetch("series__instances", queryset=images),
            Prefetch("signatures", queryset=holding),
            Prefetch("annotations__revisions", queryset=Revision.objects.order_by("-number")),
        )
        .order_by("series__subject__number", "series__series_uid", "pk")
    )


def _permitted(project: Project, items: list[Item]) -> list[Item]:
    """Return the readings that may be frozen; those of subjects who withdrew are left out.

    Raises NotPermittedError where something else than a withdrawal stands against a subject.
    """
    data_permissions.require_any(project, purpose=data_permissions.Purpose.DATASET)
    subjects = {item.series.subject.ledger_ref: item.series.subject for item in items}
    gone = data_permissions.withdrawn(project, subjects)
    left = {ref: subject for ref, subject in subjects.items() if ref not in gone}
    data_permissions.require_each(project, purpose=data_permissions.Purpose.DATASET, of=left)
    return [item for item in items if item.series.subject.ledger_ref in left]


def current_revisions(item: Item) -> list[Revision]:
    """Return what stands of an item whose revisions are prefetched, newest first."""
    newest = [next(iter(annotation.revisions.all())) for annotation in item.annotations.all()]
    standing = [revision for revision in newest if not revision.retired]
    return sorted(standing, key=lambda revision: revision.record_id)


def _member(item: Item, subset: str) -> bytes:
    return ledger.canonical(
        {
            "schema": "snapshot.member/1",
            "item": item.ledger_ref,
            "subject": item.series.subject.code,
            "subset": subset,
            "series_uid": item.series.series_uid,
            "modality": item.series.modality,
            "protocol": f"sha256:{item.protocol.content_hash}",
            "protocol_version": item.protocol.version,
            "state": str(item.state),
            "nothing_to_mark": item.nothing_to_mark,
            "images": [
                {
                    "sop_uid": image.sop_uid,
                    "file_sha256": image.file_sha256,
                    "pixel_sha256": image.pixel_sha256,
                    "rows": image.rows,
                    "columns": image.columns,
                    "frames": image.frames,
                }
                for image in item.series.instances.all()
            ],
            "revisions": [
                {"record_id": r.record_id, "version": r.number, "content_hash": r.content_hash}
                for r in current_revisions(item)
            ],
            "signatures": sorted(s.manifest_hash for s in item.signatures.all()),
        }
    )


def _store(
    project: Project, name: str, split: Split, by: User | str, members: list[SnapshotMember]
) -> Snapshot:
    now = timezone.now()
    root = merkle_root([bytes(member.content) for member in members])
    content = ledger.canonical(
        {
            "schema": "dataset.snapshot/1",
            "project": project.ledger_ref,
            "name": name,
            "split": str(split),
            "rule": splits.RULE,
            "seed": str(project.pk),
            "root": root,
            "counts": _counts(members),
            "protocol_versions": sorted({m.body["protocol_version"] for m in members}),
            "frozen_by": by if isinstance(by, str) else by.ledger_ref,
            "at": written(now),
        }
    )
    snapshot = Snapshot.objects.create(
        project=project,
        name=name,
        root=root,
        content=content,
        content_hash=ledger.sha256_hex(content),
        frozen_by=by if isinstance(by, str) else by.ledger_ref,
        frozen_at=now,
    )
    for member in members:
        member.snapshot = snapshot
    SnapshotMember.objects.bulk_create(members, batch_size=500)
    return snapshot


def _counts(members: Iterable[SnapshotMember]) -> dict[str, dict[str, int]]:
    """Count per subset; an image read by two people is one image."""
    seen: dict[str, dict[str, set[str]]] = {
        subset: {what: set() for what in COUNTED} for subset in SUBSETS
    }
    for member in members:
        body = member.body
        seen[member.subset]["subjects"].add(member.subject_code)
        seen[member.subset]["items"].add(body["item"])
        seen[member.subset]["images"].update(image["sop_uid"] for image in body["images"])
        seen[member.subset]["annotations"].update(r["record_id"] for r in body["revisions"])
    return {
        subset: {what: len(found) for what, found in of_subset.items()}
        for subset, of_subset in seen.items()
    }


def _event_of(snapshot: Snapshot) -> DatasetSnapshotFrozen:
    body = snapshot.body
    return DatasetSnapshotFrozen(
        record_id=snapshot.ledger_ref,
        version=1,
        content_hash=snapshot.content_hash,
        snapshot_id=str(snapshot.pk),
        manifest_hash=snapshot.root,
        item_count=sum(counts["items"] for counts in body["counts"].values()),
        split=body["counts"],
        rule=body["rule"],
        seed=body["seed"],
        protocol_versions=tuple(body["protocol_versions"]),
    )


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Return the Merkle tree hash of RFC 9162 §2.1.1 over `leaves`, in hex."""
    return _tree([hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]).hex()


def _tree(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        pairs = [level[place : place + 2] for place in range(0, len(level), 2)]
        level = [
            hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest() if len(pair) > 1 else pair[0]
            for pair in pairs
        ]
    return level[0]


def rehash(snapshot: Snapshot) -> Rehash:
    """Read everything the snapshot names again and compare it with what was frozen."""
    members = list(snapshot.members.order_by("position"))
    root = merkle_root([bytes(member.content) for member in members])
    return Rehash(
        members=len(members),
        differing=list(_differing(members)),
        root_holds=root == snapshot.root
        and ledger.sha256_hex(bytes(snapshot.content)) == snapshot.content_hash
        and snapshot.body["root"] == root,
    )


def _differing(members: Sequence[SnapshotMember]) -> Iterator[str]:
    images = _images_now(members)
    revisions = _revisions_now(members)
    for member in members:
        try:
            body = member.body
        except DamagedRecordError:
            yield f"annotations.item:{member.item_id}"
            continue
        same_images = all(
            images.get(image["sop_uid"]) == image["pixel_sha256"] for image in body["images"]
        )
        same_revisions = all(
            revisions.get((named["record_id"], named["version"])) == named["content_hash"]
            for named in body["revisions"]
        )
        if not (same_images and same_revisions):
            yield body["item"]


def _images_now(members: Sequence[SnapshotMember]) -> dict[str, str]:
    series = Item.objects.filter(pk__in=[m.item_id for m in members]).values("series")
    found = Instance.objects.filter(series__in=series)
    return dict(found.values_list("sop_uid", "pixel_sha256"))


def _revisions_now(members: Sequence[SnapshotMember]) -> dict[tuple[str, int], str]:
    items = [member.item_id for member in members]
    found = Revision.objects.filter(annotation__item__in=items)
    return {(r.record_id, r.number): ledger.sha256_hex(bytes(r.content)) for r in found}
