"""Imports over HTTP."""

import pytest
from django.test import Client

from accounts.models import Project, Role, User
from annotations import batches, jobs
from annotations.models import ImportBatch, ImportedFile
from tests.annotations.imaged import HELD, make_manager, mr_slices
from tests.factories import make_project, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
RAW = "application/octet-stream"


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def begun(client: Client, project: Project, listed: int = 1) -> dict[str, str]:
    answer = client.post(
        f"/api/projects/{project.slug}/imports/",
        {"listed": listed},
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    said: dict[str, str] = answer.json()
    return said


def test_manager_sends_files_and_follows_them() -> None:
    project = make_project()
    client = signed_in(make_manager(project))
    said = begun(client, project, listed=2)

    for number, path in enumerate([mr_slices(1)[0], HELD], start=1):
        sent = client.post(f"{said['files']}{number}/", path.read_bytes(), content_type=RAW)
        assert sent.status_code == 201
    jobs.work_off()

    state = client.get(f"/api/imports/{said['id']}/").json()
    assert state["arrived"] == [1, 2]
    assert (state["outcomes"]["imported"], state["outcomes"]["quarantined"]) == (1, 1)
    assert state["finished"] is True


def test_session_of_the_sender_is_kept_for_the_record() -> None:
    project = make_project()
    manager = make_manager(project)
    client = Client()
    session = sign_in(client, manager)

    begun(client, project)

    assert ImportBatch.objects.get().session == str(session.pk)


def test_file_that_says_it_is_too_large_is_refused_unread() -> None:
    project = make_project()
    client = signed_in(make_manager(project))
    said = begun(client, project)

    answer = client.post(
        f"{said['files']}1/",
        b"small",
        content_type=RAW,
        CONTENT_LENGTH=str(batches.MAX_FILE_BYTES + 1),
    )

    assert answer.status_code == 422
    assert answer.json()["code"] == "upload_too_large"
    assert not ImportedFile.objects.exists()


@pytest.mark.parametrize("listed", [0, -1, "many", None, 10**9])
def test_senseless_number_of_files_is_invalid(listed: object) -> None:
    project = make_project()
    client = signed_in(make_manager(project))

    answer = client.post(
        f"/api/projects/{project.slug}/imports/",
        {"listed": listed},
        content_type="application/json",
    )

    assert answer.status_code == 422
    assert set(answer.json()) == {"code", "message"}


def test_file_beyond_those_listed_is_invalid() -> None:
    project = make_project()
    client = signed_in(make_manager(project))
    said = begun(client, project)

    answer = client.post(f"{said['files']}2/", b"file", content_type=RAW)

    assert answer.status_code == 422


def test_file_comes_as_bare_bytes_only() -> None:
    project = make_project()
    client = signed_in(make_manager(project))
    said = begun(client, project)

    answer = client.post(f"{said['files']}1/", {"file": "form"})

    assert answer.status_code == 415


def test_strangers_and_other_roles_import_nothing() -> None:
    project = make_project()
    said = begun(signed_in(make_manager(project)), project)
    stranger = signed_in(make_manager())
    annotator = signed_in(make_user(role=Role.ANNOTATOR, project=project))

    for client, status in ((stranger, 404), (annotator, 403)):
        begin = client.post(
            f"/api/projects/{project.slug}/imports/",
            {"listed": 1},
            content_type="application/json",
        )
        send = client.post(f"{said['files']}1/", b"file", content_type=RAW)
        look = client.get(f"/api/imports/{said['id']}/")
        assert {begin.status_code, send.status_code, look.status_code} == {status}
    assert not ImportedFile.objects.exists()


def test_request_without_the_page_token_is_refused() -> None:
    project = make_project()
    manager = make_manager(project)
    said = begun(signed_in(manager), project)
    client = Client(enforce_csrf_checks=True)
    sign_in(client, manager)

    answer = client.post(f"{said['files']}1/", b"file", content_type=RAW)

    assert answer.status_code == 403
    assert not ImportedFile.objects.exists()
