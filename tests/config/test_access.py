"""Every address, every role: allowed, refused, not there, or led to the sign-in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts import roles, sessions
from accounts.models import Role, Session, User
from tests.config.access_routes import ROUTES
from tests.config.access_table import API, LETTERS, SITE, TABLE, Rule
from tests.config.access_world import World, make_world
from tests.factories import make_project, make_user, sign_in

pytestmark = pytest.mark.django_db
JUNK = {"nothing": "that is asked for"}
NOT_ALLOWED = Rule(who="", ok=405, no=405)
IN_JSON = set(API)
FROM_SCRIPTS = {"accounts:lock", "accounts:activity"}  # a script asks, and is told, not led


def tries() -> Iterator[tuple[str, str]]:
    """Yield every address with reading, with writing, and with what else its row names."""
    for route in ROUTES:
        for method in dict.fromkeys(("GET", "POST", *TABLE.get(route, {}))):
            yield route, method


def written() -> Iterator[tuple[str, str]]:
    """Yield what the rows name alone: enough where nothing at all is open."""
    return ((route, method) for route, rules in TABLE.items() for method in rules)


def rule_of(route: str, method: str) -> Rule:
    return TABLE[route].get(method, NOT_ALLOWED)


def ask(key: str, world: World, route: str, method: str) -> HttpResponseBase:
    """Send one request with this session, and take back whatever it did."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    address = reverse(route, kwargs=world.arguments_of(route, ROUTES[route]))
    send: Any = getattr(client, method.lower())
    with transaction.atomic():
        answer: HttpResponseBase = send(address, **_sent(world, route, method))
        if answer.streaming:
            list(answer)  # a file: reading it to its end closes it
        transaction.set_rollback(True)
    return answer


def _sent(world: World, route: str, method: str) -> dict[str, Any]:
    if method == "GET":
        return {}
    if route == "ledger:verify":
        return {"data": {"stream": str(world.project.pk)}}
    body = rule_of(route, method).body or JUNK
    if isinstance(body, bytes):
        return {"data": body, "content_type": "application/octet-stream"}
    return {"data": body} | ({"content_type": "application/json"} if route in API else {})


def key_of(user: User) -> str:
    client = Client()
    sign_in(client, user)
    return str(client.session.session_key)


def wrong_answers(world: World, key: str, expected: dict[tuple[str, str], int]) -> list[str]:
    """Try every address; return where the answer is another than expected."""
    found = []
    for (route, method), status in expected.items():
        answer = ask(key, world, route, method)
        if answer.status_code != status:
            found.append(f"{method} {route}: {answer.status_code}, expected {status}")
    return found


def test_who_is_not_signed_in_reaches_the_gate_alone() -> None:
    expected = {}
    for route, method in tries():
        gate = 401 if route in IN_JSON else 302
        said = rule_of(route, method).anonymous
        expected[route, method] = gate if said is None else said

    assert "\n".join(wrong_answers(make_world(), "", expected)) == ""


def test_each_role_does_its_own_in_its_project_and_nothing_else() -> None:
    world = make_world()

    for letter, role in LETTERS.items():
        key = key_of(world.people[role])
        expected = {
            (route, method): rule_of(route, method).answer(letter, at_home=True)
            for route, method in tries()
        }
        assert (role, "\n".join(wrong_answers(world, key, expected))) == (role, "")


def test_nothing_of_a_project_is_there_for_the_roles_of_another() -> None:
    world, elsewhere = make_world(), make_project()

    for letter, role in LETTERS.items():
        key = key_of(make_user(role=role, project=elsewhere))
        expected = {
            (route, method): rule_of(route, method).answer(letter, at_home=False)
            for route, method in tries()
        }
        assert (role, "\n".join(wrong_answers(world, key, expected))) == (role, "")


def test_a_role_that_ended_opens_nothing_from_the_next_request_on() -> None:
    world = make_world()
    administrator = make_user(role=Role.ADMINISTRATOR)

    for role in LETTERS.values():
        person = world.people[role]
        key = key_of(person)
        for held in person.memberships.all():
            roles.revoke(held, by=administrator, reason="left the team")

        expected = {
            (route, method): rule.answer("-", at_home=False)
            for route, method in written()
            if (rule := rule_of(route, method)).stranger or set(rule.who) < set(LETTERS)
        }

        assert (role, "\n".join(wrong_answers(world, key, expected))) == (role, "")


def test_a_session_that_was_locked_opens_nothing_from_the_next_request_on() -> None:
    world = make_world()

    for role in LETTERS.values():
        client = Client()
        session = sign_in(client, world.people[role])
        sessions.end(session, how=Session.End.LOCKED, by="system:test")

        expected = {
            (route, method): 401 if route in IN_JSON | FROM_SCRIPTS else 302
            for route, method in written()
            if route not in SITE or is_closed(route, method)
        }

        key = str(client.session.session_key)
        assert (role, "\n".join(wrong_answers(world, key, expected))) == (role, "")


def is_closed(route: str, method: str) -> bool:
    """Tell whether whoever is not signed in is led to the gate from here."""
    return rule_of(route, method).anonymous is None
