"""Tries what a session past its limits still opens: on the live system, then taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people, sessions
from accounts.http import SESSION_KEY
from accounts.models import Session, SessionLimits
from accounts.roles import SETUP

POLL = {"X-Poll": "1"}
POLLS = 3
PASSED = 1  # a second past the limit


class Trial(NamedTuple):
    """One way in which a session was over, what was tried with it, and what came back."""

    target: str
    attempted: str
    is_refused: bool
    observed: str


def tried() -> Iterator[Trial]:
    """Yield what a test person's session opens past each limit; leaves no trace."""
    limits = SessionLimits.objects.in_force()
    idle, absolute = timedelta(seconds=limits.idle), timedelta(seconds=limits.absolute)
    past = timedelta(seconds=PASSED)
    now = timezone.now
    trials: list[tuple[str, str, Callable[[Session], Any]]] = [
        (
            "idle limit",
            f"Use a session {limits.idle + PASSED} s after its last activity, polled meanwhile",
            lambda s: _age(s, login=now() - idle - past, activity=now() - idle - past),
        ),
        (
            "absolute limit",
            f"Use a busy session {limits.absolute + PASSED} s after it began",
            lambda s: _age(s, login=now() - absolute - past, activity=now()),
        ),
        (
            "clock set back",
            "Use a session dated a minute ahead",
            lambda s: _age(s, login=now(), activity=now() + timedelta(minutes=1)),
        ),
        (
            "ended session",
            "Use a session in the first request after it was ended",
            lambda s: sessions.end(s, how=Session.End.REVOKED, by=s.user),
        ),
    ]
    for target, attempted, make_over in trials:
        yield _try(target, attempted, make_over)


def _try(target: str, attempted: str, make_over: Callable[[Session], Any]) -> Trial:
    with transaction.atomic():
        client, session = _signed_in()
        before = _asked(client, reverse("accounts:my_record"), {})
        if target == "idle limit":
            _age(session, login=session.login_at, activity=session.login_at)
            before += _polled(client, session)
        make_over(session)
        # A poll first: it must neither prolong the session nor be answered.
        after = _asked(client, reverse("accounts:status"), POLL)
        after += _asked(client, reverse("accounts:my_record"), {})
        transaction.set_rollback(True)
    was_open = all(status == HTTPStatus.OK for status, _ in before)
    is_refused = was_open and all(_is_refusal(*answer) for answer in after)
    told = ", ".join(f"{status} {place}".strip() for status, place in after)
    return Trial(target, attempted, is_refused, told if was_open else "never was open")


def _signed_in() -> tuple[Client, Session]:
    """Make a person without a role or a password, signed in; rolled back by the caller."""
    person = people.create(
        email=f"probe-{uuid.uuid4().hex}@probe.invalid",
        printed_name="Session probe",
        by=SETUP,
        password=None,
        temporary=False,
    )
    host = next((h.lstrip(".") for h in settings.ALLOWED_HOSTS if h != "*"), "localhost")
    client = Client(raise_request_exception=False, SERVER_NAME=host)
    client.force_login(person)
    session = sessions.begin(person, factors=("probe",), address=None)
    stored = client.session
    stored[SESSION_KEY] = str(session.pk)
    stored.save()
    return client, session


def _age(session: Session, *, login: Any, activity: Any) -> None:
    Session.objects.filter(pk=session.pk).update(login_at=login, last_activity=activity)


def _polled(client: Client, session: Session) -> list[tuple[int, str]]:
    """Poll, and answer like a fault if that moved the last activity."""
    before = Session.objects.get(pk=session.pk).last_activity
    answers = []
    for _ in range(POLLS):
        answers += _asked(client, reverse("accounts:status"), POLL)
    moved = Session.objects.get(pk=session.pk).last_activity != before
    return [*answers, (HTTPStatus.CONFLICT, "polls prolong")] if moved else answers


def _asked(client: Client, address: str, headers: dict[str, str]) -> list[tuple[int, str]]:
    answer = client.get(address, headers=headers, secure=settings.SECURE_SSL_REDIRECT)
    return [(answer.status_code, answer.headers.get("Location", ""))]


def _is_refusal(status: int, place: str) -> bool:
    if status == HTTPStatus.FOUND:
        return place.startswith(("/locked/", "/sign-in/"))
    return status == HTTPStatus.UNAUTHORIZED
