"""Setting how long sessions last: in range, with a reason, once, for everybody at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import session_limits, session_trials, sessions
from accounts.errors.base import ReasonMissingError
from accounts.errors.session_limits import (
    LimitsChangedError,
    LimitsOutOfRangeError,
    LimitsUnchangedError,
)
from accounts.models import Role, Session, SessionLimits
from accounts.models.session_limits import Limits
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_session, make_user, sign_in

SHORT = Limits(idle=300, absolute=8 * 3600)


def set_short(seen: int | None = None) -> None:
    session_limits.set_limits(
        SHORT, by=make_administrator(), reason="Shared reading room", seen=seen
    )


@pytest.mark.django_db
def test_a_setting_is_recorded_with_what_was_before_and_why() -> None:
    set_short()

    entry = recorded("session.limits_set")[-1]
    assert SessionLimits.objects.in_force() == SHORT
    assert entry["reason"] == "Shared reading room"
    assert entry["payload"] == {
        "number": 1,
        "scope": "site",
        "idle_seconds": 300,
        "absolute_seconds": 28_800,
        "previous_idle_seconds": 900,
        "previous_absolute_seconds": 43_200,
    }


@pytest.mark.django_db
def test_it_holds_for_sessions_that_are_open_from_the_next_request_on(client: Client) -> None:
    session = sign_in(client, make_user())
    past = timezone.now() - timedelta(seconds=301)
    Session.objects.filter(pk=session.pk).update(login_at=past, last_activity=past)
    set_short()

    assert client.get("/me/").headers["Location"] == "/locked/"

    assert recorded("auth.session_timeout")[-1]["payload"]["seconds"] == 300


@pytest.mark.django_db
def test_the_clock_for_cron_ends_by_the_limits_in_force() -> None:
    session = make_session()
    past = timezone.now() - timedelta(seconds=301)
    Session.objects.filter(pk=session.pk).update(login_at=past, last_activity=past)
    assert sessions.end_overdue(timezone.now()) == 0
    set_short()

    assert sessions.end_overdue(timezone.now()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wanted",
    [
        Limits(idle=240, absolute=43_200),
        Limits(idle=960, absolute=43_200),
        Limits(idle=330, absolute=43_200),
        Limits(idle=900, absolute=46_800),
        Limits(idle=900, absolute=1_800),
        Limits(idle=900, absolute=3_601),
        Limits(idle=0, absolute=0),
        Limits(idle=-300, absolute=10**12),
    ],
)
def test_limits_out_of_range_are_refused(wanted: Limits) -> None:
    with pytest.raises(LimitsOutOfRangeError):
        session_limits.set_limits(wanted, by=make_administrator(), reason="why")

    assert not recorded("session.limits_set")


@pytest.mark.django_db
def test_the_database_holds_the_range_too() -> None:
    row = SessionLimits(
        number=1,
        idle_seconds=3600,
        absolute_seconds=43_200,
        set_by=make_user(),
        set_at=timezone.now(),
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.django_db
def test_only_administrators_set_limits_and_say_why() -> None:
    for role in set(Role.values) - {Role.ADMINISTRATOR}:
        with pytest.raises(PermissionDenied):
            session_limits.set_limits(SHORT, by=make_user(role=role), reason="why")
    with pytest.raises(ReasonMissingError):
        session_limits.set_limits(SHORT, by=make_administrator(), reason="  ")

    assert not SessionLimits.objects.exists()


@pytest.mark.django_db
def test_whoever_sets_limits_has_seen_those_in_force() -> None:
    set_short(seen=0)

    with pytest.raises(LimitsChangedError):
        session_limits.set_limits(
            Limits(idle=600, absolute=43_200), by=make_administrator(), reason="why", seen=0
        )
    with pytest.raises(LimitsUnchangedError):
        set_short()

    assert len(recorded("session.limits_set")) == 1


@given(idle=st.integers(5, 15), hours=st.integers(1, 12), used=st.integers(0, 60_000))
def test_a_session_ends_exactly_at_whichever_limit_comes_first(
    idle: int, hours: int, used: int
) -> None:
    now = timezone.now()
    limits = Limits(idle=idle * 60, absolute=hours * 3600)
    at = now - timedelta(seconds=used)

    limit = sessions.overdue(Session(login_at=at, last_activity=at), now, limits)

    assert (limit is None) == (used < min(limits.idle, limits.absolute))


@pytest.mark.django_db
def test_the_trial_sees_every_limit_refused_and_leaves_nothing_behind() -> None:
    trials = list(session_trials.tried())

    assert [(trial.target, trial.is_refused) for trial in trials] == [
        ("idle limit", True),
        ("absolute limit", True),
        ("clock set back", True),
        ("ended session", True),
    ]
    assert not Session.objects.exists()
    assert not recorded()


@pytest.mark.django_db
def test_the_trial_sees_a_server_that_lets_sessions_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "overdue", lambda *_: None)

    seen = {trial.target: trial.is_refused for trial in session_trials.tried()}

    assert seen == {
        "idle limit": False,
        "absolute limit": False,
        "clock set back": False,
        "ended session": True,
    }
