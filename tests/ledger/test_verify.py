"""Verification: honest records are good, and each tampering is found at the right entry."""

import threading
from typing import Any

import pytest
from django.db import connections

from ledger import checkpoints, runs
from ledger.models import VerificationRun
from ledger.verify import as_json, verify
from tests.ledger.events import happen
from tests.ledger.tampering import (
    ORIGIN,
    STREAM,
    body_of,
    codes,
    found,
    raw_body,
    rewrite,
    tamper,
    where,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def honest(superuser_cursor: Any) -> Any:
    """Make a stream of eight entries that was verified once; yield a superuser's cursor."""
    happen()
    for number in range(8):
        happen(STREAM, number=number)
    checkpoints.sign_everything()
    assert runs.carry_out(runs.start(by="system:tests")).good
    superuser_cursor.execute("SET search_path = ledger")
    return superuser_cursor


def test_an_honest_record_is_good_and_stays_good(honest: Any) -> None:
    verification = verify()

    assert verification.good
    assert found(verification).first_bad_seq is None
    assert codes(found(verification)) == set()


@pytest.mark.parametrize("seq", [0, 3, 7])
def test_edited_bytes_are_found_at_their_entry(honest: Any, seq: int) -> None:
    changed = "convert_to(replace(convert_from(body,'UTF8'),'as it was','as it is!'),'UTF8')"
    tamper(honest, f"UPDATE body SET body = {changed} WHERE {body_of(seq)}")

    assert found().first_bad_seq == seq
    assert found().integrity == "failed"
    assert codes(found()) == {"L301"}


@pytest.mark.parametrize("seq", [0, 3, 6])
def test_a_deleted_entry_is_found_where_it_is_missing(honest: Any, seq: int) -> None:
    tamper(honest, f"DELETE FROM entry WHERE {where(seq)}")

    assert found().first_bad_seq == seq
    assert (found().integrity, found().completeness) == ("failed", "failed")
    assert {"L202", "L205"} <= codes(found())


def test_a_deleted_newest_entry_is_found_by_its_bytes(honest: Any) -> None:
    tamper(honest, f"DELETE FROM entry WHERE {where(7)}")

    assert (found().integrity, found().completeness) == ("ok", "failed")
    assert found().first_bad_seq == 7
    assert codes(found()) == {"L205", "L406"}


def test_a_tail_cut_with_its_bytes_is_found_by_an_earlier_verification(honest: Any) -> None:
    entries = f"stream = (SELECT id FROM stream WHERE origin = '{ORIGIN}') AND seq >= 5"
    tamper(
        honest,
        "CREATE TEMPORARY TABLE gone AS SELECT body_id FROM entry WHERE " + entries,
        f"DELETE FROM entry WHERE {entries}",
        "DELETE FROM body WHERE id IN (SELECT body_id FROM gone)",
    )

    assert (found().integrity, found().completeness) == ("ok", "failed")
    assert found().first_bad_seq == 5
    assert codes(found()) == {"L406"}


def test_the_organisation_stream_cut_behind_its_verification_is_found(honest: Any) -> None:
    tamper(
        honest,
        "DELETE FROM entry WHERE stream IN (SELECT id FROM stream WHERE origin LIKE '%/org')",
        "DELETE FROM body b WHERE NOT EXISTS (SELECT FROM entry e WHERE e.body_id = b.id)",
    )

    assert not verify().good
    assert VerificationRun.objects.count() == 1


def test_a_stream_dropped_as_a_whole_is_found(honest: Any) -> None:
    mine = f"stream = (SELECT id FROM stream WHERE origin = '{ORIGIN}')"
    tamper(
        honest,
        f"DELETE FROM body WHERE {mine}",
        f"DELETE FROM entry WHERE {mine}",
        f"DELETE FROM stream WHERE origin = '{ORIGIN}'",
    )

    assert found().completeness == "failed"
    assert codes(found()) == {"L408"}


def test_two_entries_that_changed_places_are_found(honest: Any) -> None:
    tamper(
        honest,
        f"UPDATE entry SET seq = 99 WHERE {where(2)}",
        f"UPDATE entry SET seq = 2 WHERE {where(5)}",
        f"UPDATE entry SET seq = 5 WHERE {where(99)}",
    )

    assert found().first_bad_seq == 2
    assert found().integrity == "failed"
    assert {fault.seq for fault in found().faults if fault.code == "L203"} >= {2, 5}


def test_entries_pointing_at_each_others_bytes_are_found(honest: Any) -> None:
    honest.execute(
        f"SELECT seq, body_id FROM entry WHERE stream = (SELECT id FROM stream"
        f" WHERE origin = '{ORIGIN}')"
    )
    bodies = dict(honest.fetchall())
    tamper(
        honest,
        f"UPDATE entry SET body_id = -1 WHERE {where(2)}",
        f"UPDATE entry SET body_id = {bodies[2]} WHERE {where(4)}",
        f"UPDATE entry SET body_id = {bodies[4]} WHERE {where(2)}",
    )

    assert found().first_bad_seq == 2
    assert codes(found()) == {"L301"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("sealed_us = sealed_us + 1", "L203"),
        ("commitment = sha256('other')", "L203"),
        ("hash = sha256('other')", "L203"),
        ("sealed_us = 5", "L204"),
    ],
)
def test_any_changed_field_of_an_entry_is_found(honest: Any, change: str, code: str) -> None:
    tamper(honest, f"UPDATE entry SET {change} WHERE {where(4)}")

    assert found().first_bad_seq == 4
    assert code in codes(found())


def test_removed_bytes_are_found(honest: Any) -> None:
    tamper(honest, f"DELETE FROM body WHERE {body_of(4)}")

    assert found().first_bad_seq == 4
    assert codes(found()) == {"L305"}


def test_blanked_bytes_are_found(honest: Any) -> None:
    tamper(honest, f"UPDATE body SET salt = NULL, body = NULL WHERE {body_of(4)}")

    assert found().first_bad_seq == 4
    assert codes(found()) == {"L305"}


def test_an_entry_hashed_anew_is_told_by_the_next_link(honest: Any) -> None:
    tamper(honest, *rewrite(honest, 3, end=4))

    assert found().first_bad_seq == 3
    assert {(3, "L203"), (4, "L203")} <= {(f.seq, f.code) for f in found().faults}


def test_a_rewritten_end_is_found_by_an_earlier_verification(honest: Any) -> None:
    for number in range(8, 10):
        happen(STREAM, number=number)
    tamper(honest, *rewrite(honest, 3, end=10))

    assert found().integrity == "failed"
    assert found().completeness == "failed"
    assert codes(found()) == {"L404", "L405"}


def test_an_end_rewritten_after_a_good_head_is_placed_behind_that_head(honest: Any) -> None:
    for number in range(8, 12):
        happen(STREAM, number=number)
    assert runs.carry_out(runs.start(by="system:tests")).good
    tamper(honest, *rewrite(honest, 9, end=12))

    assert found().first_bad_seq == 8  # the largest size that is still known to be good


def test_renumbered_entries_are_found_from_the_missing_one_on(honest: Any) -> None:
    mine = f"stream = (SELECT id FROM stream WHERE origin = '{ORIGIN}')"
    tamper(
        honest,
        f"DELETE FROM entry WHERE {where(3)}",
        f"UPDATE entry SET seq = seq + 100 WHERE {mine} AND seq > 3",
        f"UPDATE entry SET seq = seq - 101 WHERE {mine} AND seq > 3",
    )

    assert found().first_bad_seq == 3
    assert found().integrity == "failed"


@pytest.mark.parametrize(
    ("content", "code"), [(b'{"a": 1}', "L303"), (b"\xff\xfe", "L303"), (b'{"a":1}', "L304")]
)
def test_bytes_that_are_no_event_are_found(honest: Any, content: bytes, code: str) -> None:
    raw_body(honest, content)

    assert found().first_bad_seq == 8
    assert codes(found()) == {code}


def test_false_heads_that_somebody_appends_cannot_break_verification(honest: Any) -> None:
    before = (
        b'{"actor":"system:x","at":"2026-01-01T00:00:00.000000Z","event":"ledger.verified",'
        b'"origin":{"device":null,"network":null,"session":null},"payload":{"streams":'
    )
    after = b'},"schema":"ledger.event/1","subject":"ledger.stream:org"}'
    for claim in (b'"x"', b'[{"origin":1}]', b'[{"completeness":"ok","integrity":"ok"}]'):
        raw_body(honest, before + claim + after)

    assert found().integrity == "ok"


def test_several_processes_find_the_same(honest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = as_json(verify())
    together = as_json(verify(workers=2))

    assert alone["streams"] == together["streams"]


def test_small_segments_give_the_same_root_and_findings(
    honest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(honest, f"UPDATE entry SET hash = sha256('x') WHERE {where(4)}")
    whole = as_json(verify())["streams"]
    monkeypatch.setattr("ledger.verify.SEGMENT", 4)

    assert as_json(verify())["streams"] == whole


@pytest.mark.parametrize("seq", [3, 4, 5])
def test_an_entry_missing_at_the_edge_of_a_segment_is_found(
    honest: Any, monkeypatch: pytest.MonkeyPatch, seq: int
) -> None:
    monkeypatch.setattr("ledger.verify.SEGMENT", 4)
    tamper(honest, f"DELETE FROM entry WHERE {where(seq)}")

    missing = [fault.seq for fault in found().faults if fault.code == "L202"]
    assert missing == [seq]


def test_verifying_while_others_append_raises_no_false_alarm(honest: Any) -> None:
    done = threading.Event()

    def append_until_done() -> None:
        while not done.is_set():
            happen(STREAM)
        connections.close_all()

    writers = [threading.Thread(target=append_until_done) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        verifications = [verify() for _ in range(15)]
    finally:
        done.set()
        for writer in writers:
            writer.join()

    assert all(verification.good for verification in verifications)
    sizes = [found(verification).size for verification in verifications]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
