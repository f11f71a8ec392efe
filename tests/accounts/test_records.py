"""Rows against entries: what was edited behind the record's back is found."""

from collections.abc import Callable
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.utils import timezone
from guardian.shortcuts import assign_perm

from accounts import alerts, devices, identity_links, people, roles, services, session_limits
from accounts.models import (
    Alert,
    Device,
    DeviceMovement,
    IdentityLink,
    Membership,
    Project,
    Role,
    ServiceAccount,
    SessionLimits,
    Token,
    User,
)
from accounts.models.session_limits import Limits
from accounts.records import access_review as review_records
from accounts.records import alerts as alert_records
from accounts.records import devices as device_records
from accounts.records import emergency as emergency_records
from accounts.records import identities as identity_records
from accounts.records import people as records
from accounts.records import services as service_records
from accounts.records import session_limits as limit_records
from ledger.history import record_of
from ledger.models import Entry
from tests.factories import (
    make_administrator,
    make_device,
    make_project,
    make_service,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db

ISSUER = "https://id.example.org"
TABLES = {
    "reviews": (review_records.review_rows, review_records.replay_reviews),
    "people": (records.person_rows, records.replay_people),
    "roles": (records.role_rows, records.replay_roles),
    "permissions": (records.permission_rows, records.replay_permissions),
    "limits": (limit_records.limit_rows, limit_records.replay_limits),
    "emergencies": (emergency_records.emergency_rows, emergency_records.replay_emergencies),
    "devices": (device_records.device_rows, device_records.replay_devices),
    "movements": (device_records.movement_rows, device_records.replay_movements),
    "services": (service_records.service_rows, service_records.replay_services),
    "tokens": (service_records.token_rows, service_records.replay_tokens),
    "links": (identity_records.link_rows, identity_records.replay_links),
    "alerts": (alert_records.alert_rows, alert_records.replay_alerts),
}


@pytest.fixture
def differing(seal_now: Callable[[], None]) -> Callable[[], set[str]]:
    """Return what names the tables that do not agree with the entries."""

    def compare() -> set[str]:
        seal_now()
        entries = Entry.objects.select_related("body", "stream").order_by("body_id")
        said = [record_of(entry) for entry in entries]
        return {
            name
            for name, (rows, replay) in TABLES.items()
            if dict(rows()) != dict(replay(said))
        }

    return compare


def run_out(person: User, administrator: User) -> Membership:
    """Return a role of `person` whose time has just run out."""
    held = roles.grant(
        person,
        role="adjudicator",
        project=make_project(),
        by=administrator,
        reason="for a day",
        term=roles.Term(expires_at=timezone.now() + timedelta(milliseconds=500)),
    )
    while held.expires_at and held.expires_at > timezone.now():
        sleep(0.05)
    return held


@pytest.fixture
def _a_lively_house(settings: Any) -> None:
    settings.ORGANISATIONS = [{"id": "h", "name": "Hospital", "issuer": ISSUER}]
    administrator, project = make_administrator(), make_project()
    person = make_user(role=Role.ANNOTATOR, project=project)
    roles.revoke(person.memberships.get(), by=administrator, reason="left")
    roles.grant(
        person, role="reviewer", project=project, by=administrator, reason="back as reviewer"
    )
    roles.expire(run_out(person, administrator))
    former = make_user(role=Role.AUDITOR, project=project)
    people.close_access(former, by=administrator, reason="left")
    session_limits.set_limits(
        Limits(idle=300, absolute=43_200), by=administrator, reason="shared room"
    )
    device = make_device(by=administrator, place="Store", holder=person)
    devices.bind_browser(device, by=administrator)
    devices.move(
        device, from_place="Store", to_place="Room", holder=person, by=administrator, reason="x"
    )
    service = make_service(owner=person, project=project, by=administrator)
    token, _ = make_token(service=service, by=administrator)
    services.revoke(token, by=administrator, reason="leaked")
    make_token(service=service, by=administrator, scopes=["imports:read"])
    services.hand_over(service, owner=administrator, by=administrator, reason="x")
    for subject in ("one", "two"):
        linked = identity_links.link(
            person, issuer=ISSUER, subject=subject, by=administrator, reason="seen"
        )
        if subject == "one":
            identity_links.unlink(linked, by=administrator, reason="typed wrong")
    alerts.raise_("lockout", about=person.ledger_ref)
    told = alerts.raise_("factor_lost", about=person.ledger_ref)
    alerts.acknowledge(told, by=administrator, reason="seen")


@pytest.mark.usefixtures("_a_lively_house")
def test_what_workflows_do_agrees_with_the_record(differing: Callable[[], set[str]]) -> None:
    assert differing() == set()


def tampered() -> dict[str, tuple[Callable[[], object], set[str]]]:
    """Return edits behind the record's back, and the tables in which each must show."""
    return {
        "renamed": (lambda: User.objects.update(printed_name="Else"), {"people"}),
        "reopened": (lambda: User.objects.update(is_active=True), {"people"}),
        "role revived": (lambda: Membership.objects.update(ended_at=None), {"roles"}),
        "role changed": (
            lambda: Membership.objects.filter(role="reviewer").update(role="data_manager"),
            {"roles"},
        ),
        "permission slipped in": (
            lambda: assign_perm(
                "sign",
                User.objects.earliest("created_at"),
                Project.objects.earliest("created_at"),
            ),
            {"permissions"},
        ),
        "device carried off": (lambda: Device.objects.update(place="Home"), {"devices"}),
        "holder erased": (
            lambda: Device.objects.update(holder=None, state="stored"),
            {"devices"},
        ),
        "browser key planted": (
            lambda: Device.objects.update(browser_key="0" * 64),
            {"devices"},
        ),
        "step rewritten": (
            lambda: DeviceMovement.objects.update(to_place="Home"),
            {"movements"},
        ),
        "step removed": (
            lambda: DeviceMovement.objects.earliest("moved_at").delete(),
            {"movements"},
        ),
    }


def tampered_programs() -> dict[str, tuple[Callable[[], object], set[str]]]:
    """Return the edits on programs, tokens and alerts."""
    return {
        "program given to another": (
            lambda: ServiceAccount.objects.update(
                owner=User.objects.filter(services=None).earliest("pk")
            ),
            {"services"},
        ),
        "token revived": (
            lambda: Token.objects.update(revoked_at=None, revoke_reason=""),
            {"tokens"},
        ),
        "token widened": (
            lambda: Token.objects.update(scopes=["imports:write"]),
            {"tokens"},
        ),
        "secret planted": (
            lambda: Token.objects.filter(revoked_at=None).update(secret_hash="0" * 64),
            {"tokens"},
        ),
        "link ended": (
            lambda: IdentityLink.objects.filter(end_reason="").update(ended_at=timezone.now()),
            {"links"},
        ),
        "subject replaced": (
            lambda: IdentityLink.objects.filter(end_reason="").update(subject_hash="0" * 64),
            {"links"},
        ),
        "alert removed": (lambda: Alert.objects.all().delete(), {"alerts"}),
        "alert hushed": (
            lambda: Alert.objects.update(sent_at=timezone.now()),
            {"alerts"},
        ),
    }


def tampered_limits() -> dict[str, tuple[Callable[[], object], set[str]]]:
    """Return the edits on until when something holds."""
    return {
        "term stretched": (
            lambda: Membership.objects.exclude(expires_at=None).update(
                expires_at=timezone.now() + timedelta(days=900)
            ),
            {"roles"},
        ),
        "limits stretched": (
            lambda: SessionLimits.objects.update(idle_seconds=900),
            {"limits"},
        ),
    }


EDITS = tampered() | tampered_programs() | tampered_limits()


@pytest.mark.usefixtures("_a_lively_house")
@pytest.mark.parametrize("edit", EDITS)
def test_edit_behind_the_record_is_found(edit: str, differing: Callable[[], set[str]]) -> None:
    act, tables = EDITS[edit]

    act()

    assert differing() == tables
