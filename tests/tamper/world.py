"""One honest record, made once: real work, an erasure, a rotation, its signer, its bundle.

Every case works on a copy of the database and of the signer's folder, so that it may do
whatever an attacker could.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from ledger import checkpoints, erasure, guards, rollback, rotation
from ledger.models import Entry
from tests import cluster
from tests.annotations.flow import make_item, reviewed, signed, submitted
from tests.annotations.imaged import make_real_series
from tests.ledger.bundle.made import make
from tests.ledger.events import Thing, happen

ORG = "localhost/ledger/org"
TWO = ("accounts.user:1", "accounts.user:2")
HONEST = f"honest_{cluster.WORKER}"


@dataclass(frozen=True)
class World:
    """What the cases start from: the project's stream was signed at `half` and at `size`."""

    folder: Path
    key: str  # the project's
    old_vkey: str
    vkey: str
    half: int
    size: int
    erased: int  # the entry that was erased; the one that says so is the last of the half

    @property
    def origin(self) -> str:
        return f"localhost/ledger/p/{self.key}"

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.zip"


def build(folder: Path) -> World:
    """Make the record in the worker's own database, and keep copies of all of it."""
    shutil.rmtree(settings.SIGNER_DIR, ignore_errors=True)
    rollback.forget()
    signature = signed(reviewed(submitted(make_item(series=make_real_series(slices=1)))))
    key = str(signature.item.project_id)
    guards.record(by="system:tests", reason="as it stands")
    thing = Thing(ledger_stream=key)
    for number in range(6):
        happen(thing, number=number)
    origin = f"localhost/ledger/p/{key}"
    erased = _size(origin) - 1
    wanted = erasure.targets(key, positions=[erased])
    erasure.erase(wanted, basis="asked for", approved_by=TWO, by=TWO[1], reason="asked for")
    checkpoints.sign_everything()
    half, old = _size(origin), checkpoints.vkey(ORG)
    rotation.rotate(cause="yearly")
    for number in range(6, 12):
        happen(thing, number=number)
    make(folder / "bundle.zip", signature.item.project)
    world = World(folder, key, old, checkpoints.vkey(ORG), half, _size(origin), erased)
    shutil.copytree(settings.SIGNER_DIR, folder / "signer")
    _copy(cluster.DATABASE, HONEST)
    return world


def _size(origin: str) -> int:
    return Entry.objects.filter(stream__origin=origin).count()


def restore(world: World) -> None:
    """Make database and signer what they were when the honest record was complete."""
    _copy(HONEST, cluster.DATABASE)
    shutil.rmtree(settings.SIGNER_DIR, ignore_errors=True)
    shutil.copytree(world.folder / "signer", settings.SIGNER_DIR)
    rollback.forget()


def _copy(source: str, target: str) -> None:
    connections.close_all()
    with superuser("postgres") as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY FILE_COPY")


@contextmanager
def superuser(database: str = cluster.DATABASE) -> Iterator[Any]:
    """Yield a superuser's cursor, autocommit, that finds the ledger's tables by name."""
    address = os.environ["SUPERUSER_DATABASE_URL"].replace(cluster.DATABASE, database)
    with closing(psycopg2.connect(address)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = ledger, public")
            yield cursor


def leave() -> None:
    """Give the next test the fresh database and the signer without memory that it expects."""
    connections.close_all()
    cluster.clone()
    shutil.rmtree(settings.SIGNER_DIR, ignore_errors=True)
    rollback.forget()
