"""Snapshots: what is frozen, what it commits to, what re-reading it finds."""

import hashlib
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

import ledger
from accounts.models import Project, Role
from annotations import review, snapshot
from annotations.errors import NothingToFreezeError, SnapshotNameTakenError
from annotations.models import Item, Snapshot, SnapshotMember
from annotations.split import Split
from tests.annotations.flow import (
    make_item,
    make_member,
    make_series,
    make_subject,
    reviewed,
    reviewer_of,
    signed,
    submitted,
)
from tests.factories import make_project

pytestmark = pytest.mark.django_db(transaction=True)
SPLIT = Split(50, 0, 50)


def accepted_in(project: Project, count: int = 1) -> list[Item]:
    """Make accepted readings of `count` subjects."""
    items = [make_item(project=project) for _ in range(count)]
    for item in items:
        signed(reviewed(submitted(item)))
    return items


def freeze(project: Project, name: str = "") -> Snapshot:
    manager = make_member(Role.DATA_MANAGER, project)
    return snapshot.freeze(project, name=name, split=SPLIT, by=manager)


def test_only_accepted_and_signed_readings_are_frozen() -> None:
    project = make_project()
    (accepted,) = accepted_in(project)
    submitted(make_item(project=project))
    reviewed(submitted(make_item(project=project)))

    one = freeze(project)

    assert [member.item for member in one.members.all()] == [accepted]


def test_the_root_commits_to_every_member() -> None:
    project = make_project()
    accepted_in(project, 3)

    one = freeze(project)

    leaves = [
        hashlib.sha256(b"\x00" + bytes(m.content)).digest()
        for m in one.members.order_by("position")
    ]
    left = hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    assert one.root == hashlib.sha256(b"\x01" + left + leaves[2]).hexdigest()
    assert one.body["root"] == one.root


def test_a_frozen_snapshot_is_recorded_with_root_rule_and_counts() -> None:
    project = make_project()
    accepted_in(project)

    one = freeze(project)

    (entry,) = ledger.about(one.ledger_ref)
    assert entry.event == "dataset.snapshot_frozen"
    assert entry.payload["manifest_hash"] == one.root
    assert entry.payload["content_hash"] == one.content_hash
    assert entry.payload["split"]["train"] == {
        "subjects": 1,
        "images": 1,
        "items": 1,
        "annotations": 1,
    }


def test_all_readings_of_a_subject_are_in_one_subset() -> None:
    project = make_project()
    subject = make_subject(project)
    for _ in range(2):
        signed(reviewed(submitted(make_item(series=make_series(project, subject=subject)))))
    accepted_in(project, 2)

    one = freeze(project)

    subsets = SnapshotMember.objects.filter(snapshot=one, subject_code=subject.code)
    assert len(set(subsets.values_list("subset", flat=True))) == 1


def test_two_readings_of_one_image_count_it_once() -> None:
    project = make_project()
    series = make_series(project)
    for _ in range(2):
        signed(reviewed(submitted(make_item(series=series))))

    counts = freeze(project).body["counts"]["train"]

    assert (counts["images"], counts["items"]) == (1, 2)


def test_nothing_accepted_is_nothing_to_freeze() -> None:
    project = make_project()

    with pytest.raises(NothingToFreezeError):
        freeze(project)


def test_a_name_is_given_once() -> None:
    project = make_project()
    accepted_in(project)
    freeze(project, "First")

    with pytest.raises(SnapshotNameTakenError):
        freeze(project, "First")


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.AUDITOR])
def test_only_data_managers_freeze(role: str) -> None:
    project = make_project()

    with pytest.raises(PermissionDenied):
        snapshot.freeze(project, name="", split=SPLIT, by=make_member(role, project))


def test_an_untouched_snapshot_re_hashes_to_itself() -> None:
    project = make_project()
    accepted_in(project, 2)

    found = snapshot.rehash(freeze(project))

    assert found.holds
    assert found.members == 2


@pytest.mark.parametrize(
    "statement",
    [
        (
            "UPDATE annotations_revision SET content = content || ' '::bytea,"
            " content_hash = encode(sha256(content || ' '::bytea), 'hex')"
        ),
        "UPDATE annotations_instance SET pixel_sha256 = repeat('0', 64)",
        "UPDATE annotations_snapshotmember SET content = content || ' '::bytea",
        "DELETE FROM annotations_revision",
    ],
)
def test_tampering_past_the_guards_is_found_by_re_hashing(
    statement: str, superuser_cursor: Any
) -> None:
    project = make_project()
    accepted_in(project)
    one = freeze(project)

    for table in ("revision", "snapshotmember", "instance"):
        superuser_cursor.execute(f"ALTER TABLE annotations_{table} DISABLE TRIGGER ALL")
    superuser_cursor.execute(statement)

    assert not snapshot.rehash(one).holds


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations_snapshot SET name = 'x'",
        "DELETE FROM annotations_snapshotmember",
        "UPDATE annotations_snapshotmember SET subset = 'test'",
        "TRUNCATE annotations_snapshotmember",
    ],
)
def test_the_database_refuses_to_change_what_is_frozen(statement: str) -> None:
    project = make_project()
    accepted_in(project)
    freeze(project)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_later_change_leaves_the_frozen_set_as_it_was() -> None:
    project = make_project()
    (item,) = accepted_in(project)
    one = freeze(project)
    item.refresh_from_db()

    review.reopen(item, by=reviewer_of(item), version=item.version, reason="New protocol.")

    assert snapshot.rehash(one).holds


def test_merkle_roots_of_few_leaves_are_those_of_the_standard() -> None:
    assert snapshot.merkle_root([]) == hashlib.sha256(b"").hexdigest()
    assert snapshot.merkle_root([b"a"]) == hashlib.sha256(b"\x00a").hexdigest()
