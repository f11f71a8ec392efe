"""Fault 31: the server commits, and the answer never arrives; whoever asks again gets it."""

from urllib.parse import urlsplit

from tests.faults.harness import Site, site
from tests.faults.proxy import Proxy, proxy
from tests.faults.serving import Changed, served
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import integrity_of, record_of, sealed_of, writers

READINGS = times("LOST_REPLIES", long=20, quick=2)


def through(here: Site, between: Proxy) -> Site:
    """Return the site as an application sees it that reaches its database by the proxy."""
    parts = urlsplit(here.environment["DATABASE_URL"])
    address = f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{between.port}"
    return Changed(here.folder, {"DATABASE_URL": address + parts.path})


@long_run
def test_a_commit_without_its_answer_is_one_entry() -> None:
    case = Case(row=31)
    with site() as here, proxy(next(here.server.socket_folder.glob(".s.PGSQL.*[0-9]"))) as cut:
        (writer,) = writers(here, 1, READINGS)
        with served(through(here, cut)) as (port, _), writer.at_work(port):
            for reading in writer.readings:
                cut.arm("ledger.append_many")
                assert writer.hand_in(reading) is None
                sealed = sealed_of(here, reading)  # it was done, and nobody was told

                answer = writer.insist(reading)

                assert [r["content_hash"] for r in answer["revisions"]] == sealed
                assert len(sealed) == 1
        record, case.verify = record_of(here), integrity_of(here.verify())
    case.acked, case.unknown = READINGS, writer.unknown
    case.lost = sum(len(record.get(r.item, [])) != 1 for r in writer.readings)
    case.tell(cut=cut.cut)
    assert cut.cut == READINGS
    assert case.lost == 0
    assert len(record) == READINGS
    assert case.verify == "ok"
