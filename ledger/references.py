"""How the ledger names the world: opaque references, and streams named by their origin."""

import re
from functools import lru_cache
from typing import Protocol

REFERENCE = re.compile(r"[a-z][a-z0-9_.]*:[!-~]{1,255}\Z")
ORIGIN = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)+\Z")
ORGANISATION = "org"
MAX_ORIGIN_BYTES = 128


class Actor(Protocol):
    """Whoever acts: a person, a service or a job."""

    @property
    def ledger_ref(self) -> str: ...


class Subject(Protocol):
    """Whatever an entry is about, and the stream it belongs to: None is the organisation's."""

    @property
    def ledger_ref(self) -> str: ...
    @property
    def ledger_stream(self) -> str | None: ...


def reference(thing: Actor | Subject | str) -> str:
    """Return the reference of `thing`: "accounts.user:<uuid>".

    Raises ValueError if it does not have that form.
    """
    ref = thing if isinstance(thing, str) else thing.ledger_ref
    if not REFERENCE.match(ref):
        raise ValueError(f"{ref[:80]!r} is not a reference; write it as 'app.thing:id'.")
    return ref


@lru_cache(maxsize=4096)
def origin_of(site: str, key: str) -> str:
    """Return the origin of the site's stream with this key: "org" or a project's id."""
    name = f"{site}/ledger/{ORGANISATION}" if key == ORGANISATION else f"{site}/ledger/p/{key}"
    if not ORIGIN.match(name) or len(name) > MAX_ORIGIN_BYTES:
        raise ValueError(f"{name[:80]!r} is not the origin of a stream.")
    return name


def key_of(origin: str) -> str:
    """Return the key of a stream, the last segment of its origin: "org" or a project's id."""
    return origin.rpartition("/")[2]
