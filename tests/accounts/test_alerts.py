"""Alerts: raised with their cause, delivered within a minute, answered by a person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import alerts, jobs, sign_in
from accounts.controls.alerts import alerts_delivered
from accounts.errors.alerts import AlertAnsweredError
from accounts.errors.base import ReasonMissingError
from accounts.models import Alert, Role, User
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
UNIT = ["security@example.org"]


@pytest.fixture(autouse=True)
def _unit(settings: Any) -> None:
    settings.SECURITY_CONTACTS = UNIT


def lock_out(person: User) -> Alert:
    sign_in.record_lockout(person.email, failures=5, seconds=900)
    return Alert.objects.get(about=person.ledger_ref)


def test_a_lockout_raises_an_alert_that_is_delivered_and_recorded() -> None:
    person = make_user()
    alert = lock_out(person)

    assert alerts.deliver_due(timezone.now()) == 1

    assert mail.outbox[0].to == UNIT
    assert alert.get_kind_display() in mail.outbox[0].subject
    assert recorded("alert.sent")[-1]["payload"] == {
        "alert_id": str(alert.pk),
        "channel": "memory",
        "recipients": 1,
        "attempts": 1,
    }
    assert alerts.deliver_due(timezone.now()) == 0


def test_the_mail_names_nobody() -> None:
    person = make_user(email="jonas@example.org", printed_name="Jonas Berg")
    lock_out(person)

    alerts.deliver_due(timezone.now())

    assert "jonas" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}".lower()


def test_cause_and_alert_stand_or_fall_together() -> None:
    person = make_user()

    with transaction.atomic():
        alerts.raise_("factor_lost", about=person.ledger_ref)
        transaction.set_rollback(True)

    assert not Alert.objects.exists()
    assert not recorded("alert.raised")


def test_what_happens_again_within_a_quarter_of_an_hour_is_one_alert() -> None:
    person, other = make_user(), make_user()
    first = lock_out(person)
    lock_out(person)
    lock_out(other)
    assert Alert.objects.count() == 2

    Alert.objects.filter(pk=first.pk).update(raised_at=first.raised_at - timedelta(minutes=15))
    sign_in.record_lockout(person.email, failures=5, seconds=900)

    assert Alert.objects.filter(about=person.ledger_ref).count() == 2


@pytest.mark.parametrize("about", ["", "somebody", "accounts.user:a b"])
def test_an_alert_is_about_something_that_the_record_can_name(about: str) -> None:
    with pytest.raises(ValueError, match="not a reference"):
        alerts.raise_("lockout", about=about)
    with pytest.raises(ValueError, match="nonsense"):
        alerts.raise_("nonsense", about="system:x")


def test_what_the_mail_server_refuses_is_tried_again_ever_more_slowly(settings: Any) -> None:
    alert = lock_out(make_user())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    now, pauses = timezone.now(), []

    for _ in range(9):
        assert alerts.deliver_due(now) == 0
        alert.refresh_from_db()
        pauses.append(int((alert.next_try_at - now).total_seconds()))
        assert alerts.deliver_due(now) == 0
        now = alert.next_try_at

    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300, 300]
    assert alert.attempts == 9
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert alerts.deliver_due(now) == 1
    assert recorded("alert.sent")[-1]["payload"]["attempts"] == 10


def test_without_contacts_alerts_wait_and_health_says_so(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACTS = []
    alert = lock_out(make_user())
    alerts.deliver_due(timezone.now())
    assert client.get("/health/").json()["alerts"] == "quiet"

    Alert.objects.update(raised_at=alert.raised_at - timedelta(seconds=60))

    said = client.get("/health/").json()
    assert said["alerts"] == "alarm"
    assert said["status"] == "degraded"


def test_a_person_answers_once_with_words() -> None:
    administrator = make_administrator()
    alert = lock_out(make_user())

    with pytest.raises(ReasonMissingError):
        alerts.acknowledge(alert, by=administrator, reason="  ")
    alerts.acknowledge(alert, by=administrator, reason="called her: it was she")
    with pytest.raises(AlertAnsweredError):
        alerts.acknowledge(alert, by=administrator, reason="again")

    said = recorded("alert.acknowledged")
    assert [(one["actor"], one["reason"]) for one in said] == [
        (administrator.ledger_ref, "called her: it was she")
    ]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_administrators_alone_answer(role: Role) -> None:
    alert = lock_out(make_user())

    with pytest.raises(PermissionDenied):
        alerts.acknowledge(alert, by=make_user(role=role), reason="x")


def test_an_alarm_of_the_record_is_raised_once_until_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import ledger

    monkeypatch.setattr(ledger, "health", lambda: {"anchors": "alarm", "sealing": "unknown"})

    jobs.watch()
    jobs.watch()

    alert = Alert.objects.get()
    assert (alert.kind, alert.about) == ("record_alarm", "system:record_anchors")
    alerts.acknowledge(alert, by=make_administrator(), reason="the folder was full")
    jobs.watch()
    assert Alert.objects.count() == 2


def findings(seal_now: Callable[[], None]) -> list[str]:
    seal_now()
    entries = Entry.objects.select_related("body", "stream").order_by("body_id")
    return [found.reason for found in alerts_delivered([record_of(entry) for entry in entries])]


def test_the_record_shows_what_was_not_delivered_or_not_answered(
    seal_now: Callable[[], None], settings: Any, tmp_path: Any
) -> None:
    alert = lock_out(make_user())
    assert findings(seal_now) == ["was never delivered"]

    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    alerts.deliver_due(timezone.now())
    assert findings(seal_now) == ["was answered by nobody"]

    alerts.acknowledge(alert, by=make_administrator(), reason="seen")
    assert findings(seal_now) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_the_record_shows_a_lockout_that_nobody_was_told_of(
    seal_now: Callable[[], None],
) -> None:
    import ledger
    from accounts.events.sign_in import LockedOut

    ledger.append(
        LockedOut(failures=5, seconds=900), actor=sign_in.ANYBODY, subject=make_user()
    )

    assert findings(seal_now) == ["raised no alert"]
