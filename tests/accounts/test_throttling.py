"""Guessing is slowed everywhere, and nobody is locked out from afar."""

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from accounts import throttling
from accounts.http import client_address
from accounts.models import Alert, FailedTry, KnownBrowser, Session, User
from tests.accounts.recorded import recorded
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
WRONG = "wrong password here"


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> None:
    cache.clear()


def submit(client: Client, account: str, password: str, address: str = "192.0.2.7") -> int:
    cache.clear()  # allauth's own count by address is not what is tried here
    told = {"login": account, "password": password}
    return client.post("/sign-in/", told, REMOTE_ADDR=address).status_code


def addresses() -> Iterator[str]:
    yield from (f"198.51.{n // 250}.{n % 250}" for n in range(100_000))


def fail(person: User, times: int, *, browser: str | None = None, **more: Any) -> list[Any]:
    """Fail at once and without the form; argon2 takes its time."""
    given = {"address": None, "now": timezone.now(), **more}
    return [throttling.begin(person.email, browser=browser, **given) for _ in range(times)]


def test_a_thousand_failures_from_everywhere_do_not_keep_a_doctor_from_her_browser() -> None:
    doctor, hers = make_user(), Client()
    assert submit(hers, doctor.email, PASSWORD) == 302
    hers.post("/sign-out/")

    from_everywhere = addresses()
    answers = [
        submit(Client(), doctor.email, WRONG, next(from_everywhere)) for _ in range(1000)
    ]

    assert answers[:20] == [422] * 20
    assert set(answers[20:]) == {429}
    assert submit(hers, doctor.email, PASSWORD) == 302
    assert submit(Client(), doctor.email, PASSWORD, "203.0.113.5") == 429
    lockouts = recorded("auth.locked_out")
    assert [one["payload"]["failures"] for one in lockouts] == [20]
    assert Alert.objects.filter(about=doctor.ledger_ref).count() == 1


def test_failures_behind_the_same_address_do_not_either() -> None:
    doctor, hers = make_user(), Client()
    submit(hers, doctor.email, PASSWORD)

    for _ in range(10):
        submit(Client(), doctor.email, WRONG)

    assert submit(Client(), doctor.email, PASSWORD) == 429
    assert submit(hers, doctor.email, PASSWORD) == 302


def test_one_address_waits_after_fifty_failures_over_many_accounts() -> None:
    people = [make_user() for _ in range(11)]
    for person in people[:10]:
        fail(person, 5, address="192.0.2.7")

    assert submit(Client(), people[10].email, PASSWORD) == 429
    assert submit(Client(), people[10].email, PASSWORD, "192.0.2.8") == 302


def test_ipv6_is_counted_by_the_house_and_not_by_the_address() -> None:
    person = make_user()
    for n in range(50):
        throttling.begin(
            f"p{n}@example.org",
            address=f"2001:db8:0:1::{n:x}",
            browser=None,
            now=timezone.now(),
        )

    same = throttling.begin(
        person.email, address="2001:db8:0:1:ffff::1", browser=None, now=timezone.now()
    )
    other = throttling.begin(
        person.email, address="2001:db8:0:2::1", browser=None, now=timezone.now()
    )

    assert same.wait
    assert not other.wait


def test_unknown_browsers_wait_until_failures_are_a_quarter_of_an_hour_ago() -> None:
    person, now = make_user(), timezone.now()
    fail(person, 20, now=now)

    refused = fail(person, 1, now=now + timedelta(minutes=5))[0]
    allowed = fail(person, 1, now=now + timedelta(minutes=15))[0]

    assert refused.wait == timedelta(minutes=10)
    assert not allowed.wait
    assert FailedTry.objects.count() == 21  # what is refused does not count


def test_a_known_browser_is_slowed_by_its_own_failures_and_never_locked() -> None:
    person, now = make_user(), timezone.now()
    key = throttling.remember(person, browser=None, now=now)
    waits = [one.wait for one in fail(person, 6, browser=key, now=now)]

    assert waits == [timedelta(0)] * 5 + [timedelta(seconds=30)]
    assert not fail(person, 1, browser=key, now=now + timedelta(seconds=30))[0].wait


def test_a_hundred_failures_in_a_row_make_a_browser_one_like_any_other() -> None:
    person, now = make_user(), timezone.now()
    key = throttling.remember(person, browser=None, now=now)
    for n in range(100):
        fail(person, 1, browser=key, now=now + timedelta(seconds=30 * n))

    assert not throttling.is_known(person.email, key, now)
    throttling.remember(person, browser=key, now=now)
    assert throttling.is_known(person.email, key, now)


def test_a_browser_is_known_for_those_who_signed_in_from_it_and_nobody_else() -> None:
    one, other, now = make_user(), make_user(), timezone.now()
    key = throttling.remember(one, browser=None, now=now)

    assert throttling.is_known(one.email.upper(), key, now)
    assert not throttling.is_known(other.email, key, now)
    assert not throttling.is_known(one.email, key[:-1] + "x", now)
    assert not throttling.is_known(one.email, key, now + throttling.KNOWN_FOR)
    assert key not in str(KnownBrowser.objects.values())


def test_the_cookie_goes_to_the_sign_in_alone_and_out_of_reach_of_scripts() -> None:
    client = Client()
    submit(client, make_user().email, PASSWORD)

    cookie = client.cookies["browser"]
    assert cookie["httponly"] is True
    assert (cookie["path"], cookie["samesite"]) == ("/sign-in/", "Strict")


@pytest.mark.parametrize("forged", ["", "x", "\ud800".encode("utf-8", "surrogatepass").hex()])
def test_a_made_up_cookie_helps_nobody(forged: str) -> None:
    person, client = make_user(), Client()
    fail(person, 20)
    client.cookies["browser"] = forged

    assert submit(client, person.email, PASSWORD) == 429


def test_what_nobody_has_is_counted_and_waits_alike() -> None:
    known = make_user(email="known@example.org")
    from_everywhere = addresses()

    def answers(account: str) -> list[int]:
        return [submit(Client(), account, WRONG, next(from_everywhere)) for _ in range(22)]

    assert answers(known.email) == answers("unknown@example.org")


def test_success_takes_its_own_try_back_and_no_other() -> None:
    person = make_user()
    fail(person, 3)

    submit(Client(), person.email, PASSWORD)

    assert FailedTry.objects.count() == 3


def test_tries_are_forgotten_after_an_hour() -> None:
    now = timezone.now()
    fail(make_user(), 2, now=now - timedelta(hours=1, seconds=1))
    fail(make_user(), 1, now=now)

    throttling.forget_old(now)

    assert FailedTry.objects.count() == 1


def test_an_account_that_nobody_has_takes_as_long() -> None:
    known = make_user(email="known@example.org")
    closed = make_user(email="closed@example.org")
    closed.is_active = False
    closed.save()
    took: dict[str, list[float]] = {}
    from_everywhere = addresses()
    for _ in range(7):
        for account in (known.email, "unknown@example.org", closed.email):
            began = time.process_time()
            submit(Client(), account, WRONG, next(from_everywhere))
            took.setdefault(account, []).append(time.process_time() - began)

    medians = [statistics.median(each) for each in took.values()]
    assert max(medians) < 1.5 * min(medians), medians


PROXIES = ["10.0.0.0/8", "2001:db8::1"]


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # no proxy of ours: what it says is nothing
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the first part is made up
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("2001:db8::1", "2001:db8:5::7", "2001:db8:5::7"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", None),
    ],
)
def test_forwarded_addresses_count_from_trusted_proxies_alone(
    settings: Any, remote: str, forwarded: str, expected: str | None
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == expected


@given(some.text(max_size=60))
def test_whatever_is_forwarded_without_a_trusted_proxy_changes_nothing(forwarded: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == "192.0.2.1"


def test_spoofed_addresses_share_one_count(client: Client) -> None:
    person = make_user()
    for spoofed in list(addresses())[:5]:
        client.post(
            "/sign-in/",
            {"login": person.email, "password": WRONG},
            headers={"X-Forwarded-For": spoofed},
        )

    assert AccessAttempt.objects.get().failures_since_start == 5
    assert submit(client, person.email, PASSWORD, "127.0.0.1") == 429
    assert not Session.objects.exists()
