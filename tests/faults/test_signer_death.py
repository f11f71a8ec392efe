"""Fault 5: the signer is killed at each of its steps; no size ever gets a second root."""

import signal
from contextlib import closing

import psycopg2

from ledger.verifier.notes import parse_checkpoint, parse_note
from tests.faults.dying_signer import steps
from tests.faults.harness import Site, site
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import integrity_of

ROUNDS = times("SIGNER_ROUNDS", long=2, quick=1)
Roots = dict[tuple[str, int], set[bytes]]


def published(here: Site) -> list[bytes]:
    """Return every note that the database holds."""
    with closing(psycopg2.connect(here.environment["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT note FROM ledger.checkpoint")
        return [note.encode() for (note,) in cursor.fetchall()]


def remembered(here: Site) -> list[bytes]:
    """Return every note that the signer's memory holds."""
    folder = here.folder / "signer" / "streams"
    return [path.read_bytes() for path in folder.glob("[!.]*.note")]


def add(roots: Roots, notes: list[bytes]) -> None:
    """Keep the root that each note gives to a size of a stream."""
    for note in notes:
        head = parse_checkpoint(parse_note(note))
        roots.setdefault((head.origin, head.size), set()).add(head.root)


@long_run
def test_a_killed_signer_never_gives_two_roots_to_one_size() -> None:
    case, every = Case(row=5), Roots()
    with site() as here:
        project = here.run("-m", "tests.faults.appending", "prepare").stdout
        command = ("-m", "tests.faults.dying_signer", project)
        for step in [step for _ in range(ROUNDS) for step in steps()]:
            died = here.run(*command, step)
            assert died.returncode == -signal.SIGKILL, (step, died.stderr)
            left = remembered(here)
            add(every, left + published(here))

            went_on = here.run(*command, "none")

            assert went_on.returncode == 0, (step, went_on.stderr)
            assert set(left) <= set(published(here)), step  # nothing signed is kept back
            add(every, remembered(here) + published(here))
        case.verify = integrity_of(here.verify())
    case.acked = len(every)
    case.lost = sum(len(roots) != 1 for roots in every.values())
    case.tell(deaths=ROUNDS * len(steps()))
    assert case.lost == 0
    assert case.verify == "ok"
