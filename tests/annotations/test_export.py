"""Exports: recorded, whole, and of what was frozen only."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

import ledger
from accounts.models import Role
from annotations import export, snapshot
from annotations.errors import SnapshotDamagedError, UnknownFormatError
from annotations.models import Item, Revision, Snapshot
from annotations.split import Split
from tests.annotations.flow import make_member, signed

pytestmark = pytest.mark.django_db(transaction=True)


def frozen() -> Snapshot:
    item = Item.objects.get(pk=signed().item_id)
    manager = make_member(Role.DATA_MANAGER, item.project)
    return snapshot.freeze(item.project, name="", split=Split(100, 0, 0), by=manager)


def test_an_export_is_recorded_with_the_hash_of_each_file() -> None:
    one = frozen()
    manager = make_member(Role.DATA_MANAGER, one.project)

    package = export.export(one, format_name="coco", by=manager)

    entry = ledger.about(one.ledger_ref)[-1]
    assert entry.event == "dataset.exported"
    assert entry.actor == manager.ledger_ref
    assert entry.payload["files"] == {
        name: ledger.sha256_hex(content) for name, content in package.files.items()
    }


def test_every_annotation_names_the_sealed_revision_it_came_from() -> None:
    one = frozen()

    package = export.export(one, format_name="coco", by="system:export_snapshot")

    train = json.loads(package.files["instances_train.json"])
    assert [a["revision_sha256"] for a in train["annotations"]] == [
        Revision.objects.get().content_hash
    ]


def test_the_same_snapshot_exports_to_the_same_bytes() -> None:
    one = frozen()

    first = export.export(one, format_name="coco", by="system:export_snapshot")

    assert export.export(one, format_name="coco", by="system:export_snapshot") == first


def test_an_unknown_format_is_refused_and_not_recorded() -> None:
    one = frozen()

    with pytest.raises(UnknownFormatError):
        export.export(one, format_name="xml", by="system:export_snapshot")

    assert len(ledger.about(one.ledger_ref)) == 1


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.REGULATORY, Role.AUDITOR])
def test_only_data_managers_export(role: str) -> None:
    one = frozen()

    with pytest.raises(PermissionDenied):
        export.export(one, format_name="coco", by=make_member(role, one.project))


def test_what_is_not_what_was_frozen_does_not_leave(superuser_cursor: Any) -> None:
    one = frozen()
    superuser_cursor.execute("ALTER TABLE annotations_revision DISABLE TRIGGER ALL")
    superuser_cursor.execute(
        "UPDATE annotations_revision SET content = content || ' '::bytea,"
        " content_hash = encode(sha256(content || ' '::bytea), 'hex')"
    )

    with pytest.raises(SnapshotDamagedError):
        export.export(one, format_name="coco", by="system:export_snapshot")
