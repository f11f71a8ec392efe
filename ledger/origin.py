"""Where an act came from: session, device, address and role, known once per request or job."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from ipaddress import ip_address
from typing import Any

from ledger.hashing import network_digest


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Session pseudonym, device reference, network address and role of whoever acts."""

    session: str | None = None
    device: str | None = None
    address: str | None = None
    role: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def network(self) -> str | None:
        """What stands for the address in the record: its keyed digest, made once."""
        if not self.address:
            return None
        # here, for the ledger's door opens without Django
        from django.conf import settings

        return network_digest(settings.LEDGER_NETWORK_KEY, self.address)

    def role_in(self, stream: str | None) -> str | None:
        """Return the role acted in for an entry of a project's stream; None: organisation."""
        return self.role or self.roles.get(stream or "")


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


@contextmanager
def origin(
    *,
    session: str | None = None,
    device: str | None = None,
    address: str | None = None,
    role: str | None = None,
    roles: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Stamp these on every entry appended inside the `with` block; None keeps what is known.

    `role` holds for every entry; `roles` says it for each project's stream, by its id, and
    under "" for the organisation's.  `session` is a pseudonym, never the cookie.  `address`
    is an IPv4 or IPv6 address and enters the record only as a keyed digest.  Raises
    ValueError if it is no address.
    """
    given = {
        "session": session,
        "device": device,
        "address": address,
        "role": role,
        "roles": roles,
    }
    known: dict[str, Any] = {name: value for name, value in given.items() if value}
    if address:
        ip_address(address)
    token = _origin.set(replace(current_origin(), **known))
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    """Return the origin of the action under way; empty outside a request or job."""
    return _origin.get() or Origin()
