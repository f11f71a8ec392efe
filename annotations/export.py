"""Exports: hand out a frozen dataset in a file format, and record that it left."""

from dataclasses import dataclass

from django.db import transaction

import ledger
from accounts import data_permissions
from accounts.models import User
from accounts.permissions import require_permission
from annotations.errors import SnapshotDamagedError, UnknownFormatError
from annotations.events import DatasetExported
from annotations.formats import formats
from annotations.formats.base import FrozenDataset, FrozenItem
from annotations.models import Protocol, Revision, Snapshot, Subject


@dataclass(frozen=True, kw_only=True)
class Package:
    """The files of one export, by name, and the position its entry will get."""

    files: dict[str, bytes]


@transaction.atomic
def export(snapshot: Snapshot, *, format_name: str, by: User | str) -> Package:
    """Return the snapshot's files in a format; they may leave once this has committed.

    `by` is a person, or "system:…" for the command line.  Raises PermissionDenied,
    NotPermittedError where a subject of it may not be handed out any more,
    UnknownFormatError, or SnapshotDamagedError where stored work is not what was frozen.
    """
    if isinstance(by, User):
        require_permission(by, "export_snapshot", snapshot.project)

    if format_name not in formats:
        raise UnknownFormatError(format_name, ", ".join(sorted(formats)))
    _require_permitted(snapshot)
    dataset = frozen(snapshot)

    files = formats[format_name]().write(dataset)

    ledger.append(
        DatasetExported(
            snapshot_id=str(snapshot.pk),
            manifest_hash=snapshot.root,
            format=format_name,
            files={name: ledger.sha256_hex(content) for name, content in files.items()},
            item_count=len(dataset.items),
        ),
        actor=by,
        subject=snapshot,
    )
    return Package(files=files)


def _require_permitted(snapshot: Snapshot) -> None:
    held = Subject.objects.filter(series__items__memberships__snapshot=snapshot).distinct()
    data_permissions.require_each(
        snapshot.project,
        purpose=data_permissions.Purpose.SHARING,
        of={subject.ledger_ref: subject for subject in held},
    )


def frozen(snapshot: Snapshot) -> FrozenDataset:
    """Load what was frozen; raises SnapshotDamagedError if a revision is not what it was."""
    members = list(snapshot.members.order_by("position"))
    contents = {
        (revision.record_id, revision.number): bytes(revision.content)
        for revision in Revision.objects.filter(
            annotation__item__in=[member.item_id for member in members]
        )
    }
    items = []
    for member in members:
        named = []
        for said in member.body["revisions"]:
            content = contents.get((said["record_id"], said["version"]), b"")
            if ledger.sha256_hex(content) != said["content_hash"]:
                raise SnapshotDamagedError(said["record_id"])
            named.append((said["content_hash"], ledger.parse(content)))
        items.append(FrozenItem(member=member.body, revisions=named))
    return FrozenDataset(
        head=snapshot.body,
        content_hash=snapshot.content_hash,
        labels=_labels(snapshot),
        items=items,
    )


def _labels(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return every label of the protocol versions the snapshot was made under, each once."""
    versions = snapshot.body["protocol_versions"]
    protocols = Protocol.objects.filter(project=snapshot.project_id, version__in=versions)
    labels: dict[tuple[str, str], dict[str, object]] = {}
    for protocol in protocols.order_by("version"):
        for label in protocol.labels:
            labels.setdefault((label["scheme"], label["value"]), label)
    return list(labels.values())
