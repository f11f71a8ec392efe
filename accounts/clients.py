"""What the client of the act at hand is: a registered machine, or not; a mobile one, or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MOBILE = re.compile(r"\b(Mobi|Mobile|Android|iPhone|iPad|iPod|Tablet|Silk)\b", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Client:
    """Whether the session names a registered machine, and whether its browser is mobile."""

    registered: bool
    mobile: bool


_client: ContextVar[Client | None] = ContextVar("client", default=None)


@contextmanager
def acting_from(client: Client | None) -> Iterator[None]:
    """Let policies on devices judge `client` inside the `with` block."""
    token = _client.set(client)
    try:
        yield
    finally:
        _client.reset(token)


def current() -> Client | None:
    """Return the client at hand; None where no browser asks: jobs, commands."""
    return _client.get()


def says_mobile(user_agent: str, hint: str) -> bool:
    """Tell whether a browser calls itself mobile, in either of the two ways there are."""
    return hint.strip() == "?1" or MOBILE.search(user_agent[:1000]) is not None
