"""From which machines a project takes work: recorded, and decided on the server."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client as Browser

import ledger
from accounts import browsers, clients, device_policies
from accounts.clients import Client
from accounts.controls.browsers import device_trust, mobile_clients
from accounts.errors.base import ReasonMissingError
from accounts.errors.browsers import PolicyUnchangedError
from accounts.models import DevicePolicy, Project, Role
from accounts.permissions import has_permission, require_permission
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.recorded import recorded
from tests.annotations.flow import make_item, make_protocol
from tests.factories import (
    PASSWORD,
    make_administrator,
    make_device,
    make_project,
    make_session,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db
HOME = Client(registered=False, mobile=False)
PHONE = Client(registered=False, mobile=True)
TABLET = Client(registered=True, mobile=True)
WORKSTATION = Client(registered=True, mobile=False)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148"


def set_policy(project: Project, **facts: Any) -> DevicePolicy:
    given = {"unregistered": "read_only", "mobile": "refused", "by": make_administrator()}
    return device_policies.set_policy(project, reason="study rule 7", **{**given, **facts})


def test_policy_is_recorded_with_its_reason_and_what_it_was() -> None:
    project = make_project()

    set_policy(project)
    set_policy(project, mobile="warned")

    entry = recorded("device_policy.set")[-1]
    assert entry["reason"] == "study rule 7"
    assert entry["payload"] == {
        "project_id": str(project.pk),
        "unregistered": "read_only",
        "mobile": "warned",
        "previous_unregistered": "read_only",
        "previous_mobile": "refused",
    }
    with pytest.raises(PolicyUnchangedError):
        set_policy(project, mobile="warned")
    with pytest.raises(ValidationError):
        set_policy(project, mobile="sometimes")
    with pytest.raises(ReasonMissingError):
        device_policies.set_policy(
            project,
            unregistered="allowed",
            mobile="allowed",
            by=make_administrator(),
            reason="",
        )
    with pytest.raises(PermissionDenied):
        set_policy(project, by=make_user(role=Role.DATA_MANAGER, project=project))


@pytest.mark.parametrize(
    ("client", "reads", "changes"),
    [
        (None, True, True),
        (WORKSTATION, True, True),
        (HOME, True, False),
        (PHONE, False, False),
        (TABLET, False, False),
    ],
)
def test_policy_decides_what_a_client_may_do(
    client: Client | None, reads: bool, changes: bool
) -> None:
    project = make_project()
    reader = make_user(role=Role.ANNOTATOR, project=project)
    set_policy(project)

    with clients.acting_from(client):
        assert has_permission(reader, "view_images", project) is reads
        assert has_permission(reader, "annotate", project) is changes
        if not changes:
            with pytest.raises(PermissionDenied, match="registered workstations"):
                require_permission(reader, "annotate", project)


def test_record_stays_open_and_other_projects_are_not_touched() -> None:
    project, other = make_project(), make_project()
    auditor = make_user(role=Role.AUDITOR, project=project)
    reader = make_user(role=Role.ANNOTATOR, project=other)
    set_policy(project, unregistered="refused")

    with clients.acting_from(PHONE):
        assert has_permission(auditor, "view_ledger", project)
        assert not has_permission(auditor, "view_records", project)
        assert has_permission(reader, "annotate", other)


def test_pages_and_calls_of_a_refused_client_are_shut_and_say_why(client: Browser) -> None:
    project = make_project(slug="chest")
    reader = make_user(role=Role.ANNOTATOR, project=project)
    sign_in(client, reader)
    assert client.get("/projects/chest/worklist/").status_code == 200

    set_policy(project, unregistered="refused")
    shut = client.get("/projects/chest/worklist/")
    assert shut.status_code == 404
    assert "opens on registered workstations alone" in shut.content.decode()
    set_policy(project, unregistered="warned")
    warned = client.get("/projects/chest/worklist/")
    assert warned.status_code == 200
    assert "prefers registered workstations" in warned.content.decode()


def test_drafts_and_submits_are_refused_on_the_server(client: Browser) -> None:
    item = make_item()
    sign_in(client, item.annotator)
    draft = {"version": 1, "annotations": [], "nothing_to_mark": True, "viewed": None}

    def answers() -> list[int]:
        paths = [f"/api/items/{item.pk}/draft/", f"/api/items/{item.pk}/submit/"]
        kind = "application/json"
        return [
            client.put(paths[0], {"annotations": []}, content_type=kind).status_code,
            client.post(paths[1], draft, content_type=kind).status_code,
        ]

    set_policy(item.project)
    assert client.get(f"/api/items/{item.pk}/").status_code == 200
    assert answers() == [403, 403]
    set_policy(item.project, unregistered="refused")
    assert answers() == [404, 404]
    set_policy(item.project, unregistered="allowed")
    assert answers()[0] == 200


def test_mobile_browser_is_told_by_agent_and_by_hint() -> None:
    assert clients.says_mobile(IPHONE, "")
    assert clients.says_mobile("", "?1")
    assert not clients.says_mobile("Mozilla/5.0 (X11; Linux x86_64) Chrome/140", "?0")


def test_sign_in_notes_the_client(client: Browser) -> None:
    person = make_user()

    client.post(
        "/sign-in/",
        {"login": person.email, "password": PASSWORD},
        headers={"User-Agent": IPHONE},
    )

    noted = recorded("session.client_noted")[-1]["payload"]
    assert (noted["mobile"], noted["shown_by"], noted["device"]) == (True, "none", None)


@pytest.fixture
def told(seal_now: Callable[[], None]) -> Callable[[], list[ledger.Record]]:
    def records_now() -> list[ledger.Record]:
        seal_now()
        rows = Entry.objects.select_related("body", "stream").order_by("body_id")
        return [record_of(row) for row in rows]

    return records_now


def test_session_of_a_mobile_device_is_found(told: Callable[[], list[ledger.Record]]) -> None:
    browsers.note_client(make_session(), mobile=False, shown_by="none")
    assert list(mobile_clients(told())) == []

    browsers.note_client(make_session(), mobile=True, shown_by="none")

    assert len(list(mobile_clients(told()))) == 1


def test_work_from_an_unknown_device_under_a_policy_is_found(
    told: Callable[[], list[ledger.Record]],
) -> None:
    project, device = make_project(), make_device()
    session = str(make_session().pk)

    def work(device_ref: str | None) -> None:
        with ledger.origin(session=session, device=device_ref):
            make_protocol(project)

    work(None)
    set_policy(project)
    work(device.ledger_ref)
    assert list(device_trust(told())) == []

    work(None)
    assert len(list(device_trust(told()))) >= 1
