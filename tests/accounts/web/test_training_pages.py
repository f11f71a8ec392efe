"""Training pages: one's own, the matrix, courses, completions, qualifications, a past day."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Course, Project, Qualification, Role, TrainingCompletion, User
from ledger import sha256_hex
from tests.accounts.recorded import recorded
from tests.accounts.trained import asked, make_course, make_version, passed, qualified
from tests.counting import queries_of
from tests.factories import client_of, make_administrator, make_project, make_user, sign_in

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
NOBODY = "6f9b3c1e-0000-4000-8000-000000000001"


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_administrator()
    sign_in(client, user)
    return user


@pytest.fixture
def project() -> Project:
    return make_project(name="Chest CR")


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("path", ["/training/", "/training/courses/"])
def test_lists_cost_the_same_however_long(client: Client, path: str) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            project = make_project()
            passed(make_user(role=Role.REVIEWER, project=project), asked(project))

    fill(2)
    recorded()
    client.get(path)
    few = queries_of(client, path)
    fill(9)
    recorded()

    assert queries_of(client, path) == few


@pytest.mark.usefixtures("administrator")
def test_the_matrix_says_who_holds_what_and_finds_who_lacks_something(
    client: Client, project: Project
) -> None:
    version = asked(project, make_version(make_course(title="Chest reading"), validity_days=20))
    for name, days in (("Ana", 0), ("Ben", 21), ("Cleo", None)):
        user = make_user(printed_name=name, role=Role.ANNOTATOR, project=project)
        if days is not None:
            passed(user, version, on=TODAY - timedelta(days=days))

    page = client.get("/training/", {"project": project.slug})
    words = {
        person.printed_name: state.word
        for person, cells in page.context["rows"]
        for _, state in cells
    }
    lacking = client.get("/training/", {"state": "missing"}).context["rows"]
    lapsing = client.get("/training/", {"state": "lapsing"}).context["rows"]

    assert words["Ana"] == "20 days left"
    assert words["Ben"].startswith("Lapsed ")
    assert words["Cleo"] == "Not on record"
    assert [person.printed_name for person, _ in lacking] == ["Ben", "Cleo"]
    assert [person.printed_name for person, _ in lapsing] == ["Ana"]
    assert "2 people lack something" in page.content.decode()
    assert client.get("/training/", {"q": "nobody at all"}).status_code == 200


@pytest.mark.usefixtures("administrator")
def test_a_completion_is_recorded_for_several_with_the_digest_of_its_evidence(
    client: Client, project: Project
) -> None:
    version = asked(project)
    people = [make_user(role=Role.ANNOTATOR, project=project) for _ in range(2)]
    ids = [str(user.pk) for user in people]
    form = {"people": ids, "version": version.pk, "score": "91", "done_on": TODAY.isoformat()}

    shown = client.get("/training/record/", {"people": [*ids, "nonsense"]})
    file = SimpleUploadedFile("signed list.pdf", b"they were there")
    done = client.post("/training/record/", {**form, "evidence_hash": file})

    assert shown.content.decode().count('name="people"') == 2
    assert done.headers["Location"] == "/training/"
    assert set(TrainingCompletion.objects.values_list("evidence_hash", flat=True)) == {
        sha256_hex(b"they were there")
    }
    assert "signed list" not in str(recorded("training.completed"))


def test_own_completions_and_strangers_are_refused_in_place(
    client: Client, administrator: User
) -> None:
    version = make_version()
    form = {"version": version.pk, "score": "91", "done_on": TODAY.isoformat()}

    own = client.post("/training/record/", {**form, "people": [administrator.pk]})
    nobody = client.post("/training/record/", {**form, "people": [NOBODY]})
    future = {"done_on": (TODAY + timedelta(days=1)).isoformat(), "people": [make_user().pk]}
    later = client.post("/training/record/", {**form, **future})

    assert (own.status_code, nobody.status_code, later.status_code) == (422, 422, 422)
    assert "still to come" in later.content.decode()
    assert not TrainingCompletion.objects.exists()


@pytest.mark.usefixtures("administrator")
def test_a_course_is_added_published_and_asked_for(client: Client, project: Project) -> None:
    added = client.post("/training/courses/", {"title": "Privacy", "about": "What to hide"})
    course = Course.objects.get()
    page = f"/training/courses/{course.pk}/"
    assert added.headers["Location"] == page

    published = client.post(f"{page}versions/", {"pass_mark": "80", "validity_days": "365"})
    version = course.versions.get()
    said = {"project": project.pk, "version": version.pk, "from_protocol": "0", "reason": "law"}
    required = client.post(f"{page}required/", said)
    again = client.post(f"{page}required/", said)
    shown = client.get(page).content.decode()
    ended = client.post(
        f"/training/required/{version.requirements.get().pk}/end/", {"reason": "x"}
    )

    assert (published.status_code, required.status_code, ended.status_code) == (302, 302, 302)
    assert again.status_code == 422
    assert "asks for this version, or a newer one, already" in again.content.decode()
    assert "Chest CR" in shown
    assert client.post("/training/courses/", {"title": "privacy"}).status_code == 422


def test_a_qualification_is_verified_by_another_person_on_the_page(
    client: Client, administrator: User
) -> None:
    reader = make_user()
    page = f"/people/{reader.pk}/"
    form = {
        "specialty": "Radiology",
        "issuer": "Board",
        "years": "9",
        "valid_from": "2017-05-02",
    }
    assert client.post(f"{page}qualifications/", form).status_code == 302
    one = Qualification.objects.get()

    own = client.post(f"/qualifications/{one.pk}/verify/", {"method": "saw it"})
    lawyer = client_of(make_user(role=Role.REGULATORY))
    other = lawyer.post(f"/qualifications/{one.pk}/verify/", {"method": "asked the register"})

    assert (own.status_code, other.status_code) == (409, 302)
    assert one.recorded_by == administrator
    assert "asked the register" in lawyer.get(f"{page}training/").content.decode()
    assert lawyer.post(f"{page}qualifications/", form).status_code == 403


@pytest.mark.usefixtures("administrator")
def test_the_page_proves_a_past_day(client: Client, project: Project) -> None:
    reader = make_user(role=Role.ANNOTATOR, project=project)
    version = asked(project, make_version(make_course(title="Chest reading")))
    passed(reader, version)
    qualified(reader)
    recorded()
    page = f"/people/{reader.pk}/training/"

    today = client.get(page).context["standing"]
    before = client.get(page, {"day": "2020-01-01"}).context["standing"]

    assert [(one.title, one.met_by is not None) for one in today.asked] == [
        ("Chest reading", True)
    ]
    assert before.asked == []
    assert "There is no such day" in client.get(page, {"day": "2026-02-31"}).content.decode()
    assert "Write the day as" in client.get(page, {"day": "soon"}).content.decode()


def test_everybody_sees_what_they_need(client: Client, project: Project) -> None:
    reader = make_user(role=Role.ANNOTATOR, project=project)
    asked(project, make_version(make_course(title="Chest reading")))
    asked(project, make_version(make_course(title="Later")), from_protocol=7)
    sign_in(client, reader)

    page = client.get("/training/mine/").content.decode()

    assert "Chest reading" in page
    assert "Not on record" in page
    assert "from protocol 7 on" in page


@pytest.mark.usefixtures("administrator")
def test_a_completion_is_withdrawn_with_a_reason(client: Client) -> None:
    done = passed(make_user(), make_version())
    path = f"/training/completions/{done.pk}/withdraw/"

    client.post(path, {"reason": ""})
    assert TrainingCompletion.objects.filter(withdrawn_at=None).exists()
    client.post(path, {"reason": "mistaken"})
    assert not TrainingCompletion.objects.filter(withdrawn_at=None).exists()
