"""Bundles of every scope: whole, verified in this process and by what is inside them."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

import ledger
from accounts.events.signing import SignatureApplied
from accounts.models import Project, Role
from ledger.bundle.errors import EmptyScopeError
from ledger.bundle.scope import ELSEWHERE, OTHER_RECORD, OUTSIDE_PERIOD, Scope
from tests.annotations.flow import make_item, reviewed, signed, submitted
from tests.factories import make_project, make_user
from tests.ledger.bundle.made import (
    KEY,
    ORG,
    ORIGIN,
    RecordSealed,
    checked,
    checked_by_itself,
    codes,
    make,
    manifest_of,
    names,
    pages,
    read,
    tell,
    tell_on,
)
from tests.ledger.events import ACTOR, Thing, happen

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2)]


@pytest.fixture
def project() -> Project:
    """Return a project with two signed readings, beside another one."""
    here = make_project(slug="chest", name="Chest")
    for _ in range(2):
        signed(reviewed(submitted(make_item(project=here))))
    make_user(role=Role.ANNOTATOR, project=make_project(slug="other", name="Kidney-7c1f"))
    return here


def withheld_of(place: Path, origin: str) -> Counter[str]:
    listed = manifest_of(place)["withheld"]
    return Counter(line["reason"] for line in listed if line["origin"] == origin)


def test_a_whole_project_verifies_here_and_by_its_own_verifier(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "bundle.zip"

    made = make(place, project)

    for code, said in (checked(place, made), checked_by_itself(place, made, tmp_path)):
        assert code == 0, said
        assert codes(said) == set()
        assert [s["origin"] for s in said["streams"]] == [ORG, made.heads.included[1].origin]
    assert made.signatures == 2
    assert manifest_of(place)["scope"] == {"kind": "whole project", "project": str(project.pk)}


def test_other_projects_are_named_by_their_heads_and_nothing_else(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "bundle.zip"

    make(place, project)

    mine = f"localhost/ledger/p/{project.pk}"
    others = [s for s in manifest_of(place)["streams"] if not s["included"]]
    assert {s["reason"] for s in others} == {"not asked for"}
    assert mine not in {s["origin"] for s in others}
    assert len(others) == 1
    content = b"".join(read(place, name) for name in names(place))
    assert b"Kidney-7c1f" not in content
    assert withheld_of(place, ORG).keys() == {ELSEWHERE}
    assert withheld_of(place, mine) == {}


def test_one_record_shows_what_names_it_and_what_its_signature_is_about(
    project: Project, tmp_path: Path
) -> None:
    place, origin = tmp_path / "bundle.zip", f"localhost/ledger/p/{project.pk}"
    whole = make(tmp_path / "whole.zip", project)
    text = "".join(pages(tmp_path / "whole.zip").values())
    record = "annotations.annotation:" + text.split("annotations.annotation:")[1][:36]

    made = make(place, Scope(key=str(project.pk), record=record))

    code, said = checked_by_itself(place, made, tmp_path)
    assert (code, codes(said)) == (0, set())
    assert made.signatures == 1
    assert 2 <= made.counts[origin].shown < whole.counts[origin].shown
    assert withheld_of(place, origin).keys() == {OTHER_RECORD}
    assert manifest_of(place)["scope"]["kind"] == f"record {record}"


def test_a_period_shows_its_days_and_hides_the_others(
    superuser_cursor: Any, tmp_path: Path
) -> None:
    tell_on(superuser_cursor, DAYS)
    happen()
    place = tmp_path / "bundle.zip"

    made = make(place, Scope(key=KEY, since=DAYS[1], until=DAYS[2]))

    code, said = checked_by_itself(place, made, tmp_path)
    assert (code, codes(said)) == (0, set())
    assert made.counts[ORIGIN].shown == 2
    listed = [w for w in manifest_of(place)["withheld"] if w["origin"] == ORIGIN]
    assert [w["seq"] for w in listed] == [0, 3]
    assert {w["reason"] for w in listed} == {OUTSIDE_PERIOD}


def test_a_signature_brings_the_sealed_record_it_is_about(
    superuser_cursor: Any, project: Project, tmp_path: Path
) -> None:
    days = [date(2026, 1, 1)] * 3
    tell_on(superuser_cursor, days)
    seal_and_sign()

    made = make(tmp_path / "bundle.zip", Scope(key=KEY, record="tests.signed:1"))

    _, said = checked(tmp_path / "bundle.zip", made)
    assert "L602" not in codes(said)
    assert made.counts[ORIGIN].shown == 2


@transaction.atomic
def seal_and_sign() -> None:
    """Seal a record under one name, and sign it under another."""
    sealing = RecordSealed(record_id="r-2", version=1, content_hash="ab" * 32)
    ledger.append(sealing, actor=ACTOR, subject=Thing("tests.thing:2", KEY))
    manifest = {"items": [{"record_id": "r-2", "version": 1, "content_hash": "ab" * 32}]}
    text = ledger.canonical(manifest).decode()
    event = SignatureApplied(manifest=text, components=("identifier",), webauthn=None)
    ledger.append(event, actor=ACTOR, subject=Thing("tests.signed:1", KEY))


def test_the_whole_organisation_hides_nothing_of_its_stream(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "bundle.zip"

    made = make(place, Scope(key="org"))

    code, said = checked_by_itself(place, made, tmp_path)
    assert (code, codes(said)) == (0, set())
    assert [s["origin"] for s in said["streams"]] == [ORG]
    assert made.withheld == 0
    assert len([s for s in manifest_of(place)["streams"] if not s["included"]]) == 2


@pytest.mark.parametrize(
    "facts", [{"since": date(2024, 1, 1), "until": date(2024, 1, 2)}, {"record": "app.thing:9"}]
)
def test_nothing_within_the_scope_is_said_and_leaves_no_file(
    facts: dict[str, Any], tmp_path: Path
) -> None:
    tell(3)
    happen()

    with pytest.raises(EmptyScopeError, match="No entry is within"):
        make(tmp_path / "bundle.zip", Scope(key=KEY, **facts))

    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_was_never_begun_is_said(tmp_path: Path) -> None:
    happen()

    with pytest.raises(EmptyScopeError, match="Nothing is on record yet"):
        make(tmp_path / "bundle.zip", Scope(key=KEY))


@pytest.mark.parametrize("count", [1, 255, 256, 257, 513])
def test_every_number_of_entries_has_its_tiles(count: int, tmp_path: Path) -> None:
    tell(count)
    place = tmp_path / "bundle.zip"

    made = make(place)

    code, said = checked(place, made)
    assert (code, codes(said)) == (0, set())
    assert said["streams"][1]["size"] == count


def test_the_same_head_and_time_give_the_same_bytes(project: Project, tmp_path: Path) -> None:
    first = make(tmp_path / "first.zip", project)
    second = make(tmp_path / "second.zip", project)

    assert first.sha256 == second.sha256
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
