"""Fault 38: eight processes append to one stream at once, and it stays one chain."""

from collections import Counter
from contextlib import closing

import psycopg2

from tests.faults.harness import Site, site
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import integrity_of

WRITERS = 8
ENTRIES = times("ENTRIES_EACH", long=10_000, quick=100)
_ENTRIES = """
SELECT e.seq, e.hash, convert_from(b.body, 'UTF8')::jsonb #>> '{payload,act}'
FROM ledger.entry e
JOIN ledger.body b ON b.id = e.body_id
JOIN ledger.stream s ON s.id = e.stream
WHERE s.origin LIKE '%%/p/' || %s ORDER BY e.seq
"""


def entries_of(here: Site, project: str) -> list[tuple[int, bytes, str | None]]:
    """Return position, hash and act of every entry of a project."""
    with closing(psycopg2.connect(here.environment["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute(_ENTRIES, [project])
        return [(seq, bytes(digest), act) for seq, digest, act in cursor.fetchall()]


@long_run
def test_many_writers_make_one_chain_without_gap_or_fork() -> None:
    case = Case(row=38)
    with site() as here:
        project = here.run("-m", "tests.faults.appending", "prepare").stdout
        command = ("-m", "tests.faults.appending", project)
        working = [here.begin(*command, str(n), str(ENTRIES)) for n in range(WRITERS)]
        printed = [each.communicate() for each in working]
        case.verify = integrity_of(here.verify())  # which links what waits, and then looks
        entries = entries_of(here, project)
    case.acked = sum(int(said or 0) for said, _ in printed)
    wanted = {f"writer {w} entry {n}" for w in range(WRITERS) for n in range(ENTRIES)}
    told = Counter(act for _, _, act in entries if act in wanted)
    case.lost = sum(told[act] != 1 for act in wanted)
    case.tell(entries=len(entries), writers=WRITERS)
    assert [each.returncode for each in working] == [0] * WRITERS, printed
    assert case.acked == WRITERS * ENTRIES
    assert case.lost == 0
    assert [seq for seq, *_ in entries] == list(range(len(entries)))
    assert len({digest for _, digest, _ in entries}) == len(entries)
    for writer in range(WRITERS):  # nobody's later entry came before an earlier one
        own = [act for *_, act in entries if act and act.startswith(f"writer {writer} ")]
        assert own == [f"writer {writer} entry {number}" for number in range(ENTRIES)]
    assert case.verify == "ok"
