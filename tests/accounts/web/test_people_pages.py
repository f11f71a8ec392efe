"""The list of people, a person's page, and what administrators change there."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Session, User
from tests.accounts.recorded import recorded
from tests.counting import queries_of
from tests.factories import (
    PASSWORD,
    give_role,
    make_administrator,
    make_project,
    make_session,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db
PEOPLE = "/people/"
NEW = {
    "printed_name": "Mei Tan",
    "email": "mei.tan@example.org",
    "time_zone": "Asia/Singapore",
    "password": PASSWORD,
}


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_administrator()
    sign_in(client, user)
    return user


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("path", [PEOPLE, "/sessions/", "/devices/"])
def test_lists_cost_the_same_however_long(client: Client, path: str) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            person = make_user(role=Role.REVIEWER)
            give_role(person, role=Role.AUDITOR, project=make_project())
            make_session(person)

    fill(2)
    recorded()
    client.get(path)
    few = queries_of(client, path)
    fill(12)
    recorded()

    assert queries_of(client, path) == few


def test_people_are_found_filtered_sorted_and_paged(
    client: Client, administrator: User
) -> None:
    project = make_project()
    for number in range(30):
        make_user(printed_name=f"Reader {number:02}")
    make_user(printed_name="Zoe Adler", role=Role.REVIEWER, project=project)

    def names(**query: str) -> list[str]:
        page = client.get(PEOPLE, query).context["page_obj"]
        return [person.printed_name for person in page]

    assert names(q="adler") == ["Zoe Adler"]
    assert names(role="reviewer") == ["Zoe Adler"]
    assert names(project=project.slug) == ["Zoe Adler"]
    assert names(access="False") == []
    assert names(sort="-name")[0] == "Zoe Adler"
    assert names(sort="-last")[0] == administrator.printed_name
    assert names(sort="nonsense") == names()
    assert len(names()) == 25
    assert len(names(page="2")) == 7
    assert len(names(page="nonsense")) == 25
    assert names(q="' OR 1=1 --") == []
    assert names(q="\x00") != ["error"]


@pytest.mark.parametrize("role", [r for r in Role.values if r not in {"administrator"}])
def test_role_decides_who_sees_people(client: Client, role: str) -> None:
    sign_in(client, make_user(role=role))
    somebody = make_user()
    expected = 200 if role in {"regulatory", "auditor"} else 403

    assert client.get(PEOPLE).status_code == expected
    assert client.get(f"/people/{somebody.pk}/").status_code == expected
    assert client.get("/people/new/").status_code == 403
    assert client.post("/people/new/", NEW).status_code == 403
    for act in ("roles", "close"):
        assert client.post(f"/people/{somebody.pk}/{act}/", {"reason": "x"}).status_code == 403


def test_stranger_is_sent_to_the_gate(client: Client) -> None:
    assert client.get(PEOPLE).headers["Location"] == f"/sign-in/?next={PEOPLE}"


def test_administrator_adds_a_person(client: Client, administrator: User) -> None:
    answer = client.post("/people/new/", NEW)

    person = User.objects.get(email="mei.tan@example.org")
    assert answer.headers["Location"] == f"/people/{person.pk}/"
    assert person.temporary_password
    assert recorded("user.created")[-1]["actor"] == administrator.ledger_ref


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nope"}, "valid email"),
        ({"time_zone": "Mars/Olympus"}, "not an IANA time zone"),
        ({"password": "short"}, "too short"),
        ({"email": "taken@example.org"}, "was given before"),
        ({"printed_name": ""}, "required"),
        ({"printed_name": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_person_that_cannot_be_is_refused_in_place(
    client: Client, wrong: dict[str, str], said: str
) -> None:
    make_user(email="taken@example.org")

    answer = client.post("/people/new/", {**NEW, **wrong})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


@pytest.mark.usefixtures("administrator")
def test_role_is_given_and_ended_on_the_page(client: Client) -> None:
    person, project = make_user(), make_project(name="Chest CR")
    page = f"/people/{person.pk}/"

    given = client.post(
        f"{page}roles/", {"role": "annotator", "project": project.pk, "reason": "joins"}
    )
    membership = person.memberships.get()
    shown = client.get(page).content.decode()
    ended = client.post(f"/roles/{membership.pk}/end/", {"reason": "left"})

    assert (given.status_code, ended.status_code) == (302, 302)
    assert "Annotator" in shown
    assert "Chest CR" in shown
    assert person.memberships.current().count() == 0


@pytest.mark.usefixtures("administrator")
def test_acts_without_a_reason_are_refused_in_place(client: Client) -> None:
    person = make_user(role=Role.ANNOTATOR)
    membership = person.memberships.get()

    for path in (
        f"/people/{person.pk}/roles/",
        f"/people/{person.pk}/close/",
        f"/roles/{membership.pk}/end/",
    ):
        answer = client.post(path, {"reason": ""})
        assert answer.status_code == 422
        assert "This field is required" in answer.content.decode()
    assert person.memberships.current().count() == 1


def test_own_access_cannot_be_changed_on_the_page(client: Client, administrator: User) -> None:
    make_administrator()
    page = client.get(f"/people/{administrator.pk}/").content.decode()

    answer = client.post(f"/people/{administrator.pk}/close/", {"reason": "bored"})

    assert "Give a role" not in page
    assert answer.status_code == 409
    assert "Nobody changes their own access" in answer.content.decode()


@pytest.mark.usefixtures("administrator")
def test_page_answers_what_a_person_could_do_on_a_day(client: Client) -> None:
    person = make_user(role=Role.REVIEWER, project=make_project(name="Anatomy"))
    page = f"/people/{person.pk}/"
    recorded()  # what is not sealed yet answers nothing

    today = client.get(page).context
    before = client.get(page, {"day": "2020-01-01"}).context
    wrong = client.get(page, {"day": "2026-02-31"})
    nonsense = client.get(page, {"day": "yesterday"})

    assert "Review marks" in today["day_could"]
    assert "Give and close access" in today["day_could_not"]
    assert "Mark images" in today["day_could_not"]
    assert before["day_roles"] == []
    assert "There is no such day" in wrong.content.decode()
    assert "Write the day as" in nonsense.content.decode()


@pytest.mark.usefixtures("administrator")
def test_ended_session_shuts_its_person_out_at_once(client: Client) -> None:
    theirs, person = Client(), make_user()
    session = sign_in(theirs, person)
    assert theirs.get("/me/").status_code == 200

    client.post(f"/sessions/{session.pk}/end/")

    assert theirs.get("/me/").headers["Location"] == "/locked/"
    assert Session.objects.get(pk=session.pk).end == "revoked"


@pytest.mark.parametrize("path", ["/people/{}/", "/devices/{}/"])
@pytest.mark.usefixtures("administrator")
def test_unknown_ids_are_not_found(client: Client, path: str) -> None:
    nobody = "6f9b3c1e-0000-4000-8000-000000000001"

    assert client.get(path.format(nobody)).status_code == 404
    assert client.get(path.format("nonsense")).status_code == 404
    assert client.post(f"/sessions/{nobody}/end/").status_code == 404


def test_everybody_sees_the_own_record(client: Client) -> None:
    person = make_user(role=Role.ANNOTATOR, project=make_project(name="Chest CR"))
    sign_in(client, person)
    recorded()

    page = client.get(reverse("accounts:my_record")).content.decode()

    assert "Annotator given, Chest CR" in page
    assert "made for a test" in page


def test_people_end_only_their_own_other_sessions(client: Client) -> None:
    person = make_user()
    sign_in(client, person)
    own, foreign = make_session(person), make_session()

    assert client.post(f"/sessions/{own.pk}/end/").headers["Location"] == "/me/"
    assert client.post(f"/sessions/{foreign.pk}/end/").status_code == 403
    assert Session.objects.get(pk=foreign.pk).ended_at is None


@pytest.mark.parametrize("role", Role.values)
def test_role_decides_who_sees_sessions(client: Client, role: str) -> None:
    sign_in(client, make_user(role=role))

    expected = 200 if role in {"administrator", "auditor"} else 403

    assert client.get("/sessions/").status_code == expected
    assert reverse("accounts:sessions") == "/sessions/"


@pytest.mark.usefixtures("administrator")
def test_forgotten_password_is_replaced_on_the_page(client: Client) -> None:
    person = make_user()
    path = f"/people/{person.pk}/password/"

    weak = client.post(path, {"password": "short", "reason": "badge"})
    done = client.post(path, {"password": "another-harbour-light-9", "reason": "badge"})

    assert (weak.status_code, done.status_code) == (422, 302)
    assert "too short" in weak.content.decode()
    person.refresh_from_db()
    assert person.temporary_password
