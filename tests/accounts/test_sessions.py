"""Beginning, watching and ending sessions; time is aged in the row, nobody sleeps."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import sessions
from accounts.errors.sign_in import SessionEndedError
from accounts.models import Role, Session
from accounts.models.session_limits import Limits
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_session, make_user

LIMITS = Limits(idle=settings.SESSION_IDLE_SECONDS, absolute=settings.SESSION_ABSOLUTE_SECONDS)
IDLE, LONGEST = settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS


def aged(session: Session, **by: float) -> Session:
    """Return `session` as if it had begun, and last been used, `by` earlier."""
    session.login_at -= timedelta(**by)
    session.last_activity -= timedelta(**by)
    session.save()
    return session


@pytest.mark.django_db
def test_sign_in_is_recorded_with_the_session_and_never_with_the_address() -> None:
    person = make_user()

    session = sessions.begin(person, factors=("identifier", "password"), address="192.0.2.7")

    entry = recorded("auth.login_succeeded")[-1]
    assert entry["subject"] == session.ledger_ref
    assert entry["payload"] == {
        "session_id": str(session.pk),
        "factors": ["identifier", "password"],
    }
    assert len(session.network) == 64
    assert "192.0.2.7" not in str(recorded())


@given(
    began=st.integers(0, 2 * LONGEST),
    used=st.integers(0, 2 * LONGEST),
)
def test_a_session_goes_on_exactly_within_both_limits(began: int, used: int) -> None:
    now = timezone.now()
    used = min(used, began)
    session = Session(
        login_at=now - timedelta(seconds=began), last_activity=now - timedelta(seconds=used)
    )

    limit = sessions.overdue(session, now, LIMITS)

    assert (limit is None) == (began < LONGEST and used < IDLE)
    assert limit in {None, Session.End.IDLE, Session.End.ABSOLUTE}


@pytest.mark.parametrize("ahead", ["login_at", "last_activity"])
def test_a_session_from_the_future_is_over(ahead: str) -> None:
    now = timezone.now()
    session = Session(login_at=now, last_activity=now)
    setattr(session, ahead, now + timedelta(seconds=3))

    assert sessions.overdue(session, now, LIMITS) == Session.End.CLOCK


@pytest.mark.django_db
def test_third_session_ends_the_oldest() -> None:
    person = make_user()
    first, second = make_session(person), make_session(person)

    third = make_session(person)

    assert set(Session.objects.running().filter(user=person)) == {second, third}
    assert recorded("auth.session_revoked")[-1]["payload"] == {
        "session_id": str(first.pk),
        "cause": "replaced",
    }


@pytest.mark.django_db
def test_a_session_that_ran_out_makes_room_as_a_timeout() -> None:
    person = make_user()
    aged(make_session(person), seconds=IDLE)
    make_session(person)

    make_session(person)

    assert Session.objects.running().filter(user=person).count() == 2
    assert not recorded("auth.session_revoked")
    assert recorded("auth.session_timeout")[-1]["payload"]["limit"] == "idle"


@pytest.mark.django_db
def test_sessions_of_others_do_not_count() -> None:
    make_session()
    make_session()

    make_session()

    assert Session.objects.running().count() == 3


@pytest.mark.django_db
def test_a_session_ends_once() -> None:
    session = make_session()
    sessions.end(session, how=Session.End.LOCKED, by=session.user)

    with pytest.raises(SessionEndedError):
        sessions.end(session, how=Session.End.SIGNED_OUT, by=session.user)

    assert len(recorded("auth.logged_out")) == 1


@pytest.mark.django_db
def test_activity_never_revives_an_ended_session() -> None:
    session = aged(make_session(), seconds=60)
    before = session.last_activity
    sessions.end(session, how=Session.End.LOCKED, by=session.user)

    sessions.moved(session, timezone.now())

    assert Session.objects.get(pk=session.pk).last_activity == before


@pytest.mark.django_db
def test_administrators_end_sessions_of_others_and_people_their_own() -> None:
    session = make_session()

    for stranger in (make_user(), make_user(role=Role.AUDITOR)):
        with pytest.raises(PermissionDenied):
            sessions.revoke(session, by=stranger)
    sessions.revoke(session, by=make_administrator())
    own = make_session(session.user)
    sessions.revoke(own, by=session.user)

    causes = [entry["payload"]["cause"] for entry in recorded("auth.session_revoked")]
    assert causes == ["revoked", "revoked"]


@pytest.mark.django_db
def test_overdue_sessions_end_though_nobody_came_back() -> None:
    idle, old, fresh = make_session(), make_session(), make_session()
    aged(idle, seconds=IDLE + 1)
    old.login_at -= timedelta(seconds=LONGEST)
    old.save()

    ended = sessions.end_overdue(timezone.now())

    assert ended == 2
    assert list(Session.objects.running()) == [fresh]
    limits = {entry["payload"]["limit"] for entry in recorded("auth.session_timeout")}
    assert limits == {"idle", "absolute"}


def test_equal_addresses_have_equal_hashes_of_their_bytes() -> None:
    assert sessions.network("2001:db8::1") == sessions.network("2001:0db8:0:0::0001")
    assert sessions.network("192.0.2.7") != sessions.network("192.0.2.8")
