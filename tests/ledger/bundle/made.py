"""Bundles as tests make, read and check them."""

import json
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.db import transaction

import ledger
from accounts.models import Project
from ledger import hashing
from ledger.bundle.scope import Scope
from ledger.bundle.writing import Made, Order, drawn_up
from ledger.envelope import envelope
from ledger.verifier.bundle import Brought, verify_bundle
from ledger.verifier.notes import VKey
from ledger.verifier.report import as_json
from tests.ledger.events import ACTOR, Thing, ThingHappened

AT = datetime(2026, 11, 23, 9, 40, 2, tzinfo=UTC)
KEY = "5d0c3c0e-2b7c-4b0e-8d55-6f4c1f6f9a10"  # the stream of no project in particular
ORIGIN = f"localhost/ledger/p/{KEY}"
ORG = "localhost/ledger/org"
Said = dict[str, Any]


class RecordSealed(ledger.Event, name="record.sealed"):
    """A version of something was sealed, for a test."""

    record_id: str
    version: int
    content_hash: str


def silent(_stage: str, _done: int, _total: int) -> None:
    """Be told of progress, and say nothing."""


def make(place: Path, scope: Scope | Project | None = None, **facts: Any) -> Made:
    """Write the bundle of `scope` (a project: all of it) to `place` and keep it."""
    if isinstance(scope, Project):
        scope = Scope(key=str(scope.pk))
    order = Order(scope=scope or Scope(key=KEY), created_at=AT, **facts)
    with drawn_up(place, order, silent) as (draft, made):
        draft.keep()
    return made


@transaction.atomic
def tell(count: int, key: str = KEY, **facts: Any) -> None:
    """Append many entries to one stream."""
    thing = Thing(ledger_stream=key)
    events = ((ThingHappened(number=number, **facts), thing) for number in range(count))
    ledger.append_many(events, actor=ACTOR)


def tell_on(superuser: Any, days: list[date], *, key: str = KEY) -> None:
    """Let a new stream begin with an entry sealed at noon of each day, as if it had been so."""
    origin = f"localhost/ledger/p/{key}"
    superuser.execute("SELECT ledger.open_stream(%s)", [origin])
    [stream] = superuser.fetchone()
    prev = hashing.first_prev(hashing.origin_id(origin))
    superuser.execute("ALTER TABLE ledger.body DISABLE TRIGGER link_at_commit")
    for seq, day in enumerate(days):
        sealed = int(datetime.combine(day, time(12), tzinfo=UTC).timestamp()) * 1_000_000
        written = envelope(
            ThingHappened(number=seq),
            actor=ACTOR,
            subject="tests.thing:1",
            reason=None,
            at=datetime.combine(day, time(12), tzinfo=UTC),
        )
        salt, body = b"s" * 16, ledger.canonical(written)
        committed = hashing.commitment(salt, body)
        leaf = hashing.leaf(hashing.origin_id(origin), seq, sealed, prev, committed)
        prev = hashing.leaf_hash(leaf)
        superuser.execute(
            "INSERT INTO ledger.body (stream, salt, body) VALUES (%s, %s, %s) RETURNING id",
            [stream, salt, body],
        )
        [number] = superuser.fetchone()
        superuser.execute(
            "INSERT INTO ledger.entry VALUES (%s, %s, %s, %s, %s, %s)",
            [stream, seq, number, sealed, committed, prev],
        )
    superuser.execute("ALTER TABLE ledger.body ENABLE ALWAYS TRIGGER link_at_commit")


def read(place: Path, name: str) -> bytes:
    with zipfile.ZipFile(place) as bundle:
        return bundle.read(name)


def names(place: Path) -> list[str]:
    with zipfile.ZipFile(place) as bundle:
        return bundle.namelist()


def manifest_of(place: Path) -> Said:
    return dict(json.loads(read(place, "manifest.json")))


def pages(place: Path) -> dict[str, str]:
    """Return every page of the copy for people."""
    return {
        name: read(place, name).decode() for name in names(place) if name.startswith("human/")
    }


def checked(place: Path, made: Made) -> tuple[int, Said]:
    """Verify in this process; return exit code and what is said."""
    with place.open("rb") as file:
        report = verify_bundle(file, Brought([VKey.parse(made.vkey)], [], [], [], []))
    return report.exit_code(), as_json(report, 0.0)


def checked_by_itself(place: Path, made: Made, folder: Path) -> tuple[int, Said]:
    """Verify with the verify.py that is inside, in a process that knows nothing of ours."""
    (folder / "verify.py").write_bytes(read(place, "verify.py"))
    command = [sys.executable, "-I", "verify.py", str(place), "--key", made.vkey, "--json"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def codes(said: Said) -> set[str]:
    """Return the code of every finding, notes left out."""
    found = [*said["bundle"]["findings"], *(f for s in said["streams"] for f in s["findings"])]
    return {finding["code"] for finding in found if finding["code"].startswith("L")}
