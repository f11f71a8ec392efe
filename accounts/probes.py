"""What is tried on access: every door without a key, and how passwords are kept."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

import ledger

# Pages and answers that are open to everybody on purpose; each shows nothing of the record.
PUBLIC = frozenset(
    {
        "account_login",
        "account_logout",
        "accounts:device_challenge",
        "accounts:device_prove",
        "accounts:locked",
        "organisation",
        "organisation_callback",
        "accounts:status",
        "health",
        "schema",
    }
)
REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
HASHER = "argon2"
MOST_NAMED = 5


def routes() -> Iterator[tuple[str, str]]:
    """Yield name and address of every route, with something plausible in each variable."""
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, prefix + _filled(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            address = prefix + _filled(pattern.pattern)
            yield f"{namespace}{pattern.name or address}", f"/{address}"


def _filled(pattern: Any) -> str:
    text = str(pattern)
    for name, converter in pattern.converters.items():
        value: object = "x"
        if isinstance(converter, UUIDConverter):
            value = uuid.UUID(int=0)
        elif isinstance(converter, IntConverter):
            value = 1
        for written in (f"<{kind}:{name}>" for kind in ("uuid", "int", "slug", "str", "path")):
            text = text.replace(written, str(value))
        text = text.replace(f"<{name}>", str(value))
    return text


@ledger.control(
    "all_views_authenticated", mode="probe", title="No page opens without signing in"
)
def all_views_authenticated() -> Iterator[ledger.Observation]:
    """Every route outside the declared public list is tried without a session and refuses."""
    found = [(name, address) for name, address in routes() if name not in PUBLIC]
    host = next((h.lstrip(".") for h in settings.ALLOWED_HOSTS if h != "*"), "localhost")
    client = Client(raise_request_exception=False, SERVER_NAME=host)
    opened: list[str] = []
    with transaction.atomic():
        for name, address in found:
            for method in ("GET", "POST"):
                answer = client.generic(method, address, secure=settings.SECURE_SSL_REDIRECT)
                if not _is_refused(answer):
                    opened.append(f"{method} {name} gave {answer.status_code}")
        transaction.set_rollback(True)
    named = ", ".join(opened[:MOST_NAMED])
    yield ledger.Observation(
        target=f"{len(found)} routes",
        attempted="Open each route without a session",
        expected="401, 403 or the way to the sign-in page",
        observed=f"not refused: {named}"
        if opened
        else f"{len(found)} of {len(found)} refused; {len(PUBLIC)} public by declaration",
        result="fail" if opened else "pass" if found else "no_data",
        examined=len(found),
    )


def _is_refused(answer: Any) -> bool:
    if answer.status_code == HTTPStatus.FOUND:
        return bool(answer.headers["Location"].startswith(("/sign-in/", "/locked/")))
    return answer.status_code in REFUSED


@ledger.control(
    "secrets_at_rest", mode="platform", title="Passwords are kept with the hasher in force"
)
def secrets_at_rest() -> Iterator[ledger.Observation]:
    """Each stored password is hashed with the target algorithm and work factor, or unusable."""
    from accounts.models import User  # apps load before models

    kinds: Counter[str] = Counter()
    for user in User.objects.only("password").iterator():
        kinds[_kind(user)] += 1
    weak = sum(count for kind, count in kinds.items() if kind not in {HASHER, "unusable"})
    seen = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    yield ledger.Observation(
        target=f"{kinds.total()} accounts",
        attempted="Read how each password is hashed",
        expected=f"{HASHER} with the work factor in force",
        observed=seen or "no account",
        result="fail" if weak else "pass" if kinds[HASHER] else "no_data",
        examined=kinds.total(),
    )


def _kind(user: Any) -> str:
    if not user.has_usable_password():
        return "unusable"
    try:
        hasher = identify_hasher(user.password)
    except ValueError:
        return "unknown"
    return (
        f"{hasher.algorithm} out of date"
        if hasher.must_update(user.password)
        else str(hasher.algorithm)
    )


@ledger.control(
    "session_timeout", mode="probe", title="A session past its limits is refused by the server"
)
def session_timeout() -> Iterator[ledger.Observation]:
    """Age a test person's session past each limit, use it, and take both back afterwards."""
    from accounts import session_trials  # apps load before models

    for target, attempted, is_refused, observed in session_trials.tried():
        yield ledger.Observation(
            target=target,
            attempted=attempted,
            expected="refused: 401, or the way to the locked screen",
            observed=observed,
            result="pass" if is_refused else "fail",
            examined=1,
        )
