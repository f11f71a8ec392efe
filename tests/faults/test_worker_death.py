"""Faults 3 and 4: the process that answers dies just before, or just after, its COMMIT."""

from pathlib import Path

import pytest

from tests.faults.harness import site
from tests.faults.serving import Changed, served
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import bodies_of, integrity_of, record_of, sealed_of, writers

DEATHS = times("WORKER_DEATHS", long=10, quick=2)


@long_run
@pytest.mark.parametrize(("row", "when"), [(3, "before"), (4, "after")])
def test_whoever_asks_a_dead_worker_again_gets_one_entry(
    row: int, when: str, tmp_path: Path
) -> None:
    case, mark = Case(row=row), tmp_path / "dies"
    with site() as here:
        (writer,) = writers(here, 1, DEATHS)
        # without the clockwork, whose entries are not the ones to die of
        setting = {"FAULT_DIES": when, "FAULT_MARK": str(mark), "LEDGER_JOBS": "0"}
        dying = Changed(here.folder, setting)
        with served(dying, "tests.faults.dying_wsgi") as (port, _), writer.at_work(port):
            for reading in writer.readings:
                before = len(bodies_of(here))
                mark.touch()
                assert writer.hand_in(reading) is None
                assert not mark.exists()
                left = sealed_of(here, reading)
                assert len(left) == (when == "after")
                assert (len(bodies_of(here)) == before) == (when == "before")

                answer = writer.insist(reading)

                sealed = sealed_of(here, reading)
                assert [r["content_hash"] for r in answer["revisions"]] == sealed
                assert left in ([], sealed)
        record, case.verify = record_of(here), integrity_of(here.verify())
    case.acked, case.unknown = DEATHS, writer.unknown
    case.lost = sum(len(record.get(r.item, [])) != 1 for r in writer.readings)
    case.tell(died=when)
    assert case.lost == 0
    assert len(record) == DEATHS
    assert case.verify == "ok"
