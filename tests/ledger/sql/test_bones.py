"""What ledger.erase refuses whoever calls it: the record's bones, and what is signed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import ledger
from ledger import chain, erasure, guards
from ledger.models import Body, Entry
from ledger.verify import verify
from tests.annotations.flow import make_item, reviewed, signed, submitted
from tests.ledger.bundle.made import RecordSealed
from tests.ledger.events import ACTOR, Thing, happen
from tests.ledger.sql.test_tree import erase, erased_event, execute

pytestmark = pytest.mark.django_db(transaction=True)
SQL = Path(__file__).parents[3] / "ledger" / "sql" / "0006_bones.sql"
STREAM = Thing(ledger_stream="tampered")
GONE = "CREATE OR REPLACE FUNCTION ledger.stays(st int, content bytea) RETURNS text RETURN NULL"


def named(event: str) -> int:
    """Return the newest entry of this event: the id of its body."""
    found = Entry.objects.filter(body__indexed__event=event).order_by("-body_id")
    return int(found.values_list("body_id", flat=True)[0])


def a_signature() -> int:
    signed(reviewed(submitted(make_item())))
    return named("signature.applied")


def a_signed_version() -> int:
    signed(reviewed(submitted(make_item())))
    return named("annotation.created")


def the_guards_fingerprint() -> int:
    return guards.record(by="system:tests", reason="as they stand").body_id


def the_opening_of_a_project() -> int:
    make_item()
    return named("project.created")


KEPT = [a_signature, a_signed_version, the_guards_fingerprint, the_opening_of_a_project]


@pytest.mark.parametrize("made", KEPT)
def test_the_database_keeps_it_and_the_chain_stays(made: Callable[[], int]) -> None:
    body_id = made()

    with pytest.raises(DatabaseError, match=r"refused\): (the record rests|a signature)"):
        erase(body_id, erased_event(body_id))

    assert Body.objects.get(pk=body_id).body is not None
    assert {stream.integrity for stream in verify().streams} == {"ok"}


@pytest.mark.parametrize("made", KEPT)
def test_without_the_guard_it_goes(made: Callable[[], int], superuser_cursor: Any) -> None:
    body_id = made()
    superuser_cursor.execute(GONE)

    erase(body_id, erased_event(body_id))

    assert Body.objects.get(pk=body_id).body is None


@transaction.atomic
def sealed(version: int) -> int:
    event = RecordSealed(record_id="tests.thing:1", version=version, content_hash="0" * 64)
    return chain.append(event, actor=ACTOR, subject=STREAM, reason=None).body_id


def sign(body_id: int, manifest: str | None) -> None:
    """Append a signature with this manifest to the stream of an entry, past every workflow."""
    said = {"event": "signature.applied", "payload": {"manifest": manifest}}
    execute(
        "default",
        "INSERT INTO ledger.body (stream, salt, body)"
        " SELECT stream, %s, %s FROM ledger.body WHERE id = %s",
        bytes(16),
        ledger.canonical(said),
        body_id,
    )


@pytest.mark.parametrize("manifest", [None, "", "no json", '{"items":1}', '{"items":[7]}'])
def test_a_version_that_nobody_signed_may_go(manifest: str | None) -> None:
    first = sealed(1)
    sign(first, manifest)

    erase(first, erased_event(first))

    assert Body.objects.get(pk=first).body is None


def test_another_version_of_a_signed_record_may_go() -> None:
    first, second = sealed(1), sealed(2)
    item = {"record_id": "tests.thing:1", "version": 2}
    sign(first, ledger.canonical({"items": [item]}).decode())

    erase(first, erased_event(first))

    with pytest.raises(DatabaseError, match="a signature is bound"):
        erase(second, erased_event(second))


def test_an_ordinary_entry_may_go() -> None:
    body_id = happen(STREAM).body_id

    erase(body_id, erased_event(body_id))

    assert Body.objects.get(pk=body_id).body is None


def test_the_database_and_the_workflow_name_the_same_bones() -> None:
    found = re.search(r"'\.', 1\) IN \(([^)]*)\)", SQL.read_text())

    assert found
    assert set(re.findall(r"'(\w+)'", found[1])) == erasure.BONES.keys()
