"""The pages of places of work."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Facility, FacilityAttestation, NetworkRange, Role, User
from ledger.hashing import sha256_hex
from tests.accounts.places import ask_range, attest_all, make_facility, make_range
from tests.accounts.recorded import recorded
from tests.counting import queries_of
from tests.factories import make_administrator, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_administrator()
    sign_in(client, user)
    return user


def new(person: User, **facts: Any) -> dict[str, Any]:
    given = {
        "title": "Reading room 2",
        "location": "Building 3",
        "access_control": "Badge",
        "mobile_devices": "forbidden",
        "responsible": person.pk,
        "deputy": "",
    }
    return {**given, **facts}


def test_place_is_put_on_record_and_shown(client: Client, administrator: User) -> None:
    answer = client.post("/facilities/new/", new(administrator))

    recorded()
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Reading room 2" in page
    assert "Not brought in at all" in page
    assert page.count("Nobody\n") >= 5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": "Room 1"}, "on record already"),
        ({"title": ""}, "required"),
        ({"mobile_devices": "x"}, "Select a valid choice"),
        ({"access_control": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_place_that_cannot_be_is_refused_in_place(
    client: Client, administrator: User, wrong: dict[str, str], said: str
) -> None:
    make_facility("Room 1")

    answer = client.post("/facilities/new/", new(administrator, **wrong))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Facility.objects.count() == 1


@pytest.mark.usefixtures("administrator")
def test_attestation_keeps_the_hash_of_the_file_alone(client: Client) -> None:
    place = make_facility()
    until = timezone.now().date() + timedelta(days=90)

    answer = client.post(
        f"/facilities/{place.pk}/attest/",
        {
            "statement": "screens",
            "expires": until.isoformat(),
            "evidence": SimpleUploadedFile("walk.pdf", b"walked"),
        },
    )

    assert answer.status_code == 302
    assert FacilityAttestation.objects.get().evidence_hash == sha256_hex(b"walked")
    refused = client.post(f"/facilities/{place.pk}/attest/", {"statement": "screens"})
    assert refused.status_code == 422


@pytest.mark.usefixtures("administrator")
def test_overlap_is_shown_and_asking_again_asks(client: Client) -> None:
    make_range(make_facility("Reading room 1"), "192.0.2.96/28")
    place = make_facility("Reading room 2")
    path = f"/facilities/{place.pk}/ranges/"
    typed = {"cidr": "192.0.2.96/27", "purpose": "Wired", "reason": "sockets", "seen": ""}

    warned = client.post(path, typed)

    page = warned.content.decode()
    assert warned.status_code == 422
    assert "Overlaps Reading room 1, 192.0.2.96/28." in page
    assert 'value="192.0.2.96/27"' in page
    assert NetworkRange.objects.filter(facility=place).count() == 0
    assert client.post(path, typed | {"seen": "192.0.2.96/27"}).status_code == 302
    assert NetworkRange.objects.filter(facility=place, state="asked").count() == 1


def test_change_waits_for_a_second_administrator(client: Client, administrator: User) -> None:
    own = ask_range(make_facility(), "192.0.2.64/27", by=administrator)
    other = ask_range(make_facility(), "198.51.100.8/32")

    assert client.post(f"/ranges/{own.pk}/approve/").status_code == 409
    assert client.post(f"/ranges/{other.pk}/approve/").status_code == 302
    assert client.post(f"/ranges/{other.pk}/remove/", {"reason": ""}).status_code == 422
    page = client.get(f"/facilities/{own.facility_id}/").content.decode()
    assert "another administrator decides" in page


def test_whoever_answers_for_a_place_sees_it_and_no_other(client: Client) -> None:
    person = make_user(role=Role.ANNOTATOR)
    mine, other = make_facility(responsible=person), make_facility()
    sign_in(client, person)

    assert client.get(f"/facilities/{mine.pk}/").status_code == 200
    assert client.get(f"/facilities/{other.pk}/").status_code == 404
    assert client.get("/facilities/").status_code == 403


@pytest.mark.usefixtures("administrator")
def test_overdue_places_are_found_and_the_list_costs_the_same(client: Client) -> None:
    for number in range(3):
        make_facility(f"Room {number}")
    attest_all(Facility.objects.get(title="Room 1"))
    client.get("/facilities/")

    def titles(**query: str) -> list[str]:
        return [row.title for row in client.get("/facilities/", query).context["page_obj"]]

    assert titles(attested="overdue") == ["Room 0", "Room 2"]
    assert titles(attested="current") == ["Room 1"]
    few = queries_of(client, "/facilities/")
    for number in range(10, 20):
        make_range(make_facility(f"Room {number}"), f"10.{number}.0.0/16")
    assert queries_of(client, "/facilities/") == few
