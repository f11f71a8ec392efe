"""Reconciliation of readings: what is edited past the guards is named."""

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Role
from annotations import annotate, review, snapshot
from annotations.models import Item, Revision
from annotations.split import Split
from ledger import reconcile
from tests.annotations.flow import (
    box,
    drawing,
    make_member,
    reviewed,
    reviewer_of,
    signed,
)

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (
    "revision",
    "item",
    "review",
    "signature",
    "protocol",
    "snapshot",
    "snapshotmember",
    "annotation",
)


def whole_story() -> Item:
    """Make a reading that was rejected, corrected, signed, frozen and reopened."""
    item = reviewed(decision="reject", reason="Too wide.")
    item = annotate.reopen(item, by=item.annotator, version=item.version)
    sealed = annotate.submit(
        item,
        by=item.annotator,
        version=item.version,
        drawing=drawing(box(item, tracking_id="Lesion 2")),
        reason="Drawn anew.",
    )
    item = signed(reviewed(sealed.item)).item
    manager = make_member(Role.DATA_MANAGER, item.project)
    snapshot.freeze(item.project, name="", split=Split(80, 10, 10), by=manager)
    item = Item.objects.get(pk=item.pk)
    return review.reopen(
        item, by=reviewer_of(item), version=item.version, reason="New protocol."
    )


def ours(outcome: reconcile.Reconciliation) -> list[tuple[str, str]]:
    """Return the disagreements about readings; series made by hand have no entries."""
    by_hand = {"annotations.instance", "annotations.series", "annotations.subject"}
    return [(d.table, d.ref) for d in outcome.listed if d.table not in by_hand]


def test_a_whole_story_agrees_with_its_record() -> None:
    whole_story()

    assert ours(reconcile.reconcile()) == []


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE annotations_revision SET retired = NOT retired", "revision"),
        (
            (
                "UPDATE annotations_revision SET author_id = (SELECT reviewer_id FROM"
                " annotations_review LIMIT 1)"
            ),
            "revision",
        ),
        ("UPDATE annotations_item SET state = 'submitted'", "item"),
        ("UPDATE annotations_item SET nothing_to_mark = true", "item"),
        ("UPDATE annotations_review SET decision = 'accept'", "review"),
        ("UPDATE annotations_signature SET printed_name = 'Somebody Else'", "signature"),
        ("UPDATE annotations_signature SET cause = 'another'", "signature"),
        ("DELETE FROM annotations_signature", "signature"),
        ("UPDATE annotations_protocol SET name = 'Another'", "protocol"),
        ("DELETE FROM annotations_snapshotmember", "snapshot"),
        ("UPDATE annotations_snapshot SET root = repeat('0', 64)", "snapshot"),
    ],
)
def test_what_is_edited_past_the_guards_is_named(
    statement: str, table: str, superuser_cursor: Any
) -> None:
    whole_story()
    for name in TABLES:
        superuser_cursor.execute(f"ALTER TABLE annotations_{name} DISABLE TRIGGER ALL")

    superuser_cursor.execute(statement)

    found = ours(reconcile.reconcile())
    assert {label for label, _ in found} == {f"annotations.{table}"}


def test_an_edited_revision_is_named_with_its_own_entry(superuser_cursor: Any) -> None:
    whole_story()
    first = Revision.objects.order_by("created_at", "id")[0]
    superuser_cursor.execute("ALTER TABLE annotations_revision DISABLE TRIGGER ALL")
    superuser_cursor.execute(
        "UPDATE annotations_revision SET content = 'x', content_hash ="
        f" encode(sha256('x'), 'hex') WHERE id = {first.pk}"
    )

    (found,) = [d for d in reconcile.reconcile().listed if d.table == "annotations.revision"]

    assert found.ref == f"{first.record_id}/{first.number}"
    assert found.seq is not None


def test_the_command_fails_when_a_reading_was_edited(superuser_cursor: Any) -> None:
    whole_story()
    superuser_cursor.execute("ALTER TABLE annotations_item DISABLE TRIGGER ALL")
    superuser_cursor.execute("UPDATE annotations_item SET state = 'submitted'")

    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", "--json")

    assert ended.value.code == 1
