"""Tell the security unit: raised with its cause, delivered within a minute, answered."""

import smtplib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.alerts import AlertAnsweredError
from accounts.errors.base import ReasonMissingError
from accounts.events.alerts import AlertAcknowledged, AlertRaised, AlertSent
from accounts.models import Alert, User
from accounts.permissions import require_organisation_permission

RAISER, SENDER = "system:alerts", "system:alert_delivery"
COVERS = timedelta(minutes=15)  # what happens again meanwhile, about the same, is one alert
LATE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
MOST_AT_ONCE = 20


@transaction.atomic
def raise_(kind: Alert.Kind | str, *, about: str) -> Alert:
    """Put an alert into the outbox, inside the caller's transaction: it goes out within 60 s.

    `about` is a reference, as in the record ("accounts.user:…").  Called before the entry of
    its cause; both stand or fall together.  What is about the same within a quarter of an
    hour of an alert that nobody answered yet is covered by that one, which is returned.
    Raises ValueError for an unknown kind or no reference.
    """
    kind = Alert.Kind(kind)
    if not ledger.is_reference(about):
        raise ValueError(f"{about[:80]!r} is not a reference; write it as 'app.thing:id'.")
    now = timezone.now()
    covering = Alert.objects.open().filter(
        kind=kind, about=about, raised_at__gt=now - COVERS, raised_at__lte=now
    )
    return covering.first() or _raise(kind, about, now)


@transaction.atomic
def _raise(kind: Alert.Kind, about: str, now: datetime) -> Alert:
    alert = Alert.objects.create(kind=kind, about=about, raised_at=now, next_try_at=now)
    ledger.append(
        AlertRaised(alert_id=str(alert.pk), alert_kind=kind.value, about=about),
        actor=RAISER,
        subject=alert,
    )
    return alert


@transaction.atomic
def acknowledge(alert: Alert, *, by: User, reason: str) -> None:
    """Answer for `alert`: `reason` says what was found and done.

    Raises PermissionDenied, ReasonMissingError or AlertAnsweredError; then nothing is recorded.
    """
    require_organisation_permission(by, "answer_alerts")

    alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if not reason.strip():
        raise ReasonMissingError
    if alert.acknowledged_at is not None:
        raise AlertAnsweredError

    alert.acknowledged_at, alert.acknowledged_by = timezone.now(), by
    alert.answer = reason.strip()
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "answer"])

    ledger.append(
        AlertAcknowledged(alert_id=str(alert.pk)), actor=by, subject=alert, reason=alert.answer
    )


def deliver_due(now: datetime) -> int:
    """Hand over every alert whose try has come; return how many went out."""
    due = Alert.objects.due(now).order_by("next_try_at", "pk").values_list("pk", flat=True)
    return sum(_deliver(pk, now) for pk in list(due[:MOST_AT_ONCE]))


def late(now: datetime) -> bool:
    """Tell whether an alert that should have gone out by `now` has not."""
    return Alert.objects.undelivered().filter(raised_at__lte=now - LATE).exists()


@transaction.atomic
def _deliver(pk: UUID, now: datetime) -> bool:
    """Try one alert, alone; a failure is noted and tried again, ever more slowly."""
    waiting = Alert.objects.due(now).select_for_update(skip_locked=True)
    alert = waiting.filter(pk=pk).first()
    if alert is None:  # another process has it
        return False
    alert.attempts += 1
    if not _send(alert):
        alert.next_try_at = now + min(FIRST_PAUSE * 2 ** min(alert.attempts, 8), LONGEST_PAUSE)
        alert.save(update_fields=["attempts", "next_try_at"])
        return False
    _sent(alert)
    return True


@transaction.atomic
def _sent(alert: Alert) -> None:
    alert.sent_at = timezone.now()
    alert.save(update_fields=["attempts", "sent_at"])
    ledger.append(
        AlertSent(
            alert_id=str(alert.pk),
            channel=channel(),
            recipients=len(settings.SECURITY_CONTACTS),
            attempts=alert.attempts,
        ),
        actor=SENDER,
        subject=alert,
    )


def tell_unrecorded() -> bool:
    """Tell that the record is held, which cannot be recorded; return whether it went out."""
    return _mail(Alert.Kind.RECORD.label, timezone.now(), "system:record_record")


def _send(alert: Alert) -> bool:
    return _mail(alert.get_kind_display(), alert.raised_at, alert.about)


def _mail(words: str, at: datetime, about: str) -> bool:
    """Hand an alert to the mail system; tell whether it took it.  Holds nobody's data."""
    if not settings.SECURITY_CONTACTS:
        return False
    text = (
        f"{words}.\n\nAt {at:%Y-%m-%d %H:%M:%S} UTC, on {settings.LEDGER_SITE}.\n"
        f"The record names what it is about {about}.\n\n"
        f"Sign in, open Alerts and answer it: {settings.SITE_URL}/alerts/\n"
    )
    message = EmailMessage(
        subject=f"[{settings.LEDGER_SITE}] {words}", body=text, to=settings.SECURITY_CONTACTS
    )
    try:
        return message.send(fail_silently=False) > 0
    except (OSError, smtplib.SMTPException):
        return False


def channel() -> str:
    """Return how alerts go out: smtp, file, console or memory."""
    module: str = settings.EMAIL_BACKEND.rpartition(".backends.")[2].partition(".")[0]
    return {"filebased": "file", "locmem": "memory"}.get(module, module)
