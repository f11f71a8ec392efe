"""Fault 43: the ledger is verified again and again while four people hand in readings."""

import statistics
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.faults.harness import Site, site
from tests.faults.serving import served
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import Writer, integrity_of, record_of, writers
from tests.load.figures import busy

PEOPLE = 4
SAVES = times("SAVES_EACH", long=200, quick=25)  # by each person, in quiet and in load each


def save(writer: Writer, places: slice) -> list[float]:
    """Hand in some readings; return the milliseconds of each."""
    taken = []
    writer.person.connection.close()  # the server hangs up soon on who waited for the others
    for reading in writer.readings[places]:
        assert writer.hand_in(reading) is not None, writer.told
        taken.append(writer.person.seconds * 1000)
    return taken


def save_all(people: list[Writer], places: slice) -> list[float]:
    with ThreadPoolExecutor(PEOPLE) as pool:
        return [ms for some in pool.map(lambda w: save(w, places), people) for ms in some]


def verify_until(here: Site, ended: threading.Event) -> list[str]:
    """Verify again and again; return what each said of chains and tables."""
    said = []
    while not ended.is_set():
        verdict = here.verify()
        missing = [s["completeness"] for s in verdict["streams"]]
        said.append(f"{integrity_of(verdict)} {sorted(set(missing))}")
    return said


def p95(milliseconds: list[float]) -> float:
    return round(statistics.quantiles(milliseconds, n=20)[18], 1)


@long_run
def test_verifying_while_people_work_says_the_same_and_lets_them_work() -> None:
    case, ended = Case(row=43), threading.Event()
    with site() as here:
        people = writers(here, PEOPLE, 5 + 2 * SAVES)
        with served(here) as (port, _), ExitStack() as stack:
            for writer in people:
                stack.enter_context(writer.at_work(port))
            save_all(people, slice(5))  # a fresh server loads templates and plans
            quiet, load = save_all(people, slice(5, 5 + SAVES)), busy()
            with ThreadPoolExecutor(1) as pool:
                verifying = pool.submit(verify_until, here, ended)
                try:
                    loaded = save_all(people, slice(5 + SAVES, None))
                finally:
                    ended.set()
                verdicts = verifying.result()
        record, case.verify = record_of(here), integrity_of(here.verify())
    case.acked = sum(len(writer.readings) for writer in people)
    case.lost = sum(len(record.get(r.item, [])) != 1 for w in people for r in w.readings)
    case.tell(
        verifications=len(verdicts),
        quiet_p95_ms=p95(quiet),
        loaded_p95_ms=p95(loaded),
        p95_ratio=round(p95(loaded) / p95(quiet), 2),
        goal_ratio=2,
        load_average=[load, busy()],
    )
    assert set(verdicts) == {"ok ['ok']"}
    assert case.lost == 0
    assert case.verify == "ok"
