"""Periods, holds and erasure over HTTP: one success, refusals in place, constant queries."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.holds import Scope, place
from accounts.models import ErasureRequest, LegalHold, RetentionPeriod
from accounts.web.retention_forms import positions_in
from tests.accounts.erasing import DUTY, Office, asked, note, prepare, seq_of
from tests.counting import queries_of
from tests.factories import PASSWORD, client_of, make_project

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"what": "positions", "grounds": "duty", "basis": DUTY, "reason": "the person asked"}


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_period_is_set_and_a_short_one_refused(office: Office) -> None:
    client = client_of(office.asking)
    said = {"key": "access", "project": office.project.pk, "years": 9, "reason": "sponsor"}

    assert client.post("/retention/period/", said).status_code == 302
    assert RetentionPeriod.objects.get().years == 9
    assert client.post("/retention/period/", {**said, "years": 5}).status_code == 409
    elsewhere = {**said, "project": make_project().pk}
    assert client.post("/retention/period/", elsewhere).status_code == 422
    page = client.get("/retention/").content.decode()
    assert "“sponsor”" in page


def test_a_hold_is_placed_from_the_page_and_an_indefinite_one_is_not(office: Office) -> None:
    client = client_of(office.asking)
    said = {"project": office.project.pk, "covers": "stream", "reason": "claim 7"}

    wrong = client.post("/retention/holds/", {**said, "covers": "period"})
    right = client.post("/retention/holds/", said)

    assert (wrong.status_code, "Say what is held" in wrong.content.decode()) == (422, True)
    assert right.status_code == 302
    assert LegalHold.objects.get().covers == "stream"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"positions": ""}, "Name at least one position"),
        ({"positions": "all of them"}, "is no position"),
        ({"positions": "9-1"}, "are no positions"),
        ({"positions": "0-999999"}, "are no positions"),
        ({"positions": "9" * 30}, "are no positions"),
        ({"what": "subject", "subject_ref": "no reference"}, "app.thing:id"),
        ({"positions": "99999"}, "Nothing there can be erased"),
        ({"positions": "0"}, "is never erased: it opens its stream"),
        ({"project": "6f9b3c1e-0000-4000-8000-000000000001"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_place(
    office: Office, changed: dict[str, str], said: str
) -> None:
    client = client_of(office.asking)

    answer = client.post(
        "/retention/erasures/new/", {"project": office.project.pk, **ASKED, **changed}
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ErasureRequest.objects.exists()


def test_a_request_of_another_project_is_not_there(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    stranger = client_of(Office().asking)

    for path in ("", "sign/", "decline/", "go-on/"):
        address = f"/retention/erasures/{request.pk}/{path}"
        answer = stranger.get(address) if not path else stranger.post(address, {})
        assert answer.status_code == 404


def test_a_signing_request_of_somebody_else_signs_nothing(office: Office) -> None:
    request = asked(office, seq_of(note(office.project)))
    page = client_of(office.approving).get(f"/retention/erasures/{request.pk}/")
    theirs = page.context["asked"]
    said = {"request": theirs.pk, "identifier": office.asking.email, "password": PASSWORD}

    answer = client_of(office.asking).post(f"/retention/erasures/{request.pk}/sign/", said)

    assert answer.status_code == 404
    assert ErasureRequest.objects.get().state == "requested"


def test_what_is_only_prepared_is_its_makers_alone(office: Office) -> None:
    request = prepare(office, seq_of(note(office.project)))
    address = f"/retention/erasures/{request.pk}/"

    assert client_of(office.asking).get(address).status_code == 200
    assert client_of(office.approving).get(address).status_code == 404


@pytest.mark.parametrize("path", ["/retention/", "/retention/holds/", "/retention/erasures/"])
def test_lists_ask_as_often_for_many_as_for_few(office: Office, path: str) -> None:
    client = client_of(office.asking)

    def add() -> None:
        place(office.project, scope=LONG_AGO, by=office.asking, reason="claim 7")
        prepare(office, seq_of(note(office.project)))

    add()
    few = queries_of(client, path)
    for _ in range(9):
        add()

    assert queries_of(client, path) == few


DAY = date(2001, 1, 1)
LONG_AGO = Scope(covers="period", first_day=DAY, last_day=DAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", (7,)),
        ("#1,204", (1204,)),
        ("17-19; 3", (3, 17, 18, 19)),
        ("17 - 19 3", (3, 17, 18, 19)),
        ("#2 to #4", (2, 3, 4)),
        ("", ()),
    ],
)
def test_positions_are_read_as_people_write_them(text: str, expected: tuple[int, ...]) -> None:
    assert positions_in(text) == expected


@pytest.mark.parametrize("text", ["x", "-3", "1-", "1.5", "٣", "1--2"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        positions_in(text)
