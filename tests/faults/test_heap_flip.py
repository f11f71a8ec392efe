"""Fault 22: one bit of an entry flips on the database's disk; verification names the entry."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import machine
from tests.faults.harness import Site, site
from tests.faults.telling import Case, long_run
from tests.faults.writing import integrity_of

SUBMISSIONS = 4
SEED = 20261123
PAGE = 8192  # bytes
# Where the columns of an entry lie, from its hash: numbers and times are aligned to 8 bytes;
# commitment and hash are 32 bytes each, behind one byte that tells their length.
FIELDS = {
    "stream": (-66, 4),
    "seq": (-58, 8),
    "body_id": (-50, 8),
    "sealed_us": (-42, 8),
    "commitment": (-33, 32),
    "hash": (0, 32),
}
_VICTIM = """
SELECT e.seq, s.origin, e.hash, b.salt, b.body,
    pg_relation_filepath('ledger.entry'), pg_relation_filepath('ledger.body'),
    (e.ctid::text::point)[0], (b.ctid::text::point)[0]
FROM ledger.entry e JOIN ledger.stream s ON s.id = e.stream
JOIN ledger.body b ON b.id = e.body_id
WHERE s.origin LIKE '%/p/%' ORDER BY e.seq OFFSET 7 LIMIT 1
"""
_FIRST = """
SELECT e.seq, s.origin FROM ledger.entry e JOIN ledger.stream s ON s.id = e.stream
JOIN ledger.body b ON b.id = e.body_id
WHERE {}.ctid::text LIKE %s ORDER BY s.id, e.seq LIMIT 1
"""  # of those whose row lies on a page


@dataclass(frozen=True)
class Victim:
    """An entry of a project, and where its bytes lie on the disk."""

    seq: int
    origin: str
    hash: bytes
    salt: bytes
    body: bytes
    entries: Path
    bodies: Path
    neighbours: dict[Path, str]  # the first entry that a damaged page takes along

    def place(self, field: str) -> tuple[Path, int, int]:
        """Return file, offset and length of a field."""
        if field in ("salt", "body"):
            value: bytes = getattr(self, field)
            return self.bodies, only(self.bodies.read_bytes(), value), len(value)
        offset, length = FIELDS[field]
        return self.entries, only(self.entries.read_bytes(), self.hash) + offset, length


def only(content: bytes, part: bytes) -> int:
    assert content.count(part) == 1
    return content.index(part)


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with site() as made:
        for act in ("prepare", "submit"):
            what = str(SUBMISSIONS) if act == "prepare" else str(made.folder / "log")
            done = made.run("-m", "tests.faults.submitter", act, what)
            assert done.returncode == 0, done.stderr
        signed = made.run("manage.py", "sign_checkpoint")
        assert signed.returncode == 0, signed.stderr
        yield made


@pytest.fixture(scope="module")
def victim(here: Site) -> Victim:
    with here.superuser() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(_VICTIM)
        seq, origin, stored, salt, body, *found = cursor.fetchone()
        entries, bodies = (here.server.cluster / name for name in found[:2])
        neighbours = {}
        for path, table, page in zip((entries, bodies), "eb", found[2:], strict=True):
            cursor.execute(_FIRST.format(table), [f"({page:.0f},%"])
            first, whose = cursor.fetchone()
            neighbours[path] = f"Entry #{first:,} of {whose} cannot be read"
    return Victim(
        seq, origin, bytes(stored), bytes(salt), bytes(body), entries, bodies, neighbours
    )


@contextmanager
def flipped(here: Site, path: Path, bit: int, *, checksums: bool) -> Iterator[None]:
    """Flip one bit of a file while the server is down, and put it right afterwards."""
    here.server.stop()
    mode = "--enable" if checksums else "--disable"
    controlled = "on" if checksums else "off"
    if controlled != _checksums(here):
        machine.program(here, "pg_checksums", mode, "-D", str(here.server.cluster))
    _flip(path, bit)
    here.server.start()
    try:
        yield
    finally:
        here.server.stop()
        _flip(path, bit)
        here.server.start()


def _checksums(here: Site) -> str:
    machine.program(here, "pg_controldata", "-D", str(here.server.cluster))
    said = (here.folder / "program.log").read_text()
    (line,) = [line for line in said.splitlines() if "page checksum version" in line]
    return "off" if line.split()[-1] == "0" else "on"


def _flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ (1 << bit % 8)]))


def judged(here: Site) -> tuple[int, dict[str, Any], str]:
    """Verify; return the exit code, the verdicts, if any, and what was said besides."""
    done = here.run("manage.py", "verify_ledger", "--json")
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def first_bad(verdict: dict[str, Any], origin: str) -> int | None:
    (stream,) = [stream for stream in verdict["streams"] if stream["origin"] == origin]
    place: int | None = stream["first_bad_seq"]
    return place


@long_run
@pytest.mark.parametrize("field", [*FIELDS, "salt", "body"])
@pytest.mark.parametrize("checksums", [False, True], ids=["unchecked pages", "checksums"])
def test_a_flipped_bit_is_never_called_good(
    here: Site, victim: Victim, field: str, checksums: bool
) -> None:
    case = Case(22, seed=SEED)
    path, offset, length = victim.place(field)
    bit = offset * 8 + random.Random(f"{SEED} {field}").randrange(length * 8)  # noqa: S311

    with flipped(here, path, bit, checksums=checksums):
        code, verdict, said = judged(here)

    case.verify = str(verdict and first_bad(verdict, victim.origin))
    case.tell(field=field, checksums=checksums, exit=code, seq=victim.seq)
    assert "Traceback" not in said
    if checksums:
        assert code == 2
        assert victim.neighbours[path] in said
    else:
        assert code == 1
        assert first_bad(verdict, victim.origin) == victim.seq
    _, again, _ = judged(here)
    assert integrity_of(again) == "ok"  # and put right it is good
