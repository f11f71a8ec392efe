"""Verifications as acts: one at a time, on record, and never silently forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

import ledger
from ledger import checkpoints, runs
from ledger.models import VerificationRun
from tests.ledger.events import happen
from tests.ledger.tampering import ORIGIN, STREAM, tamper, where

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_outcome_is_an_entry_with_every_head() -> None:
    happen(STREAM)
    happen()
    checkpoints.sign_everything()
    runs.carry_out(runs.start(by="system:tests"))

    record = ledger.about("ledger.stream:org")[-1]
    assert (record.event, record.actor) == ("ledger.verified", "system:tests")
    assert {stream["origin"]: stream["size"] for stream in record.payload["streams"]} == {
        ORIGIN: 1,
        "localhost/ledger/org": 2,  # one of them records the project's checkpoint
    }
    assert ledger.state().good
    assert ledger.state().words == "Ledger verified"
    assert [verdict.word for verdict in ledger.state().verdicts] == ["Holds", "Holds", "Holds"]


def test_a_failure_is_an_entry_too_and_the_state_says_so(superuser_cursor: Any) -> None:
    happen(STREAM)
    checkpoints.sign_everything()
    superuser_cursor.execute("SET search_path = ledger")
    tamper(superuser_cursor, f"UPDATE entry SET hash = sha256('x') WHERE {where(0)}")
    runs.carry_out(runs.start(by="system:tests"))

    record = ledger.about("ledger.stream:org")[-1]
    assert record.event == "ledger.verification_failed"
    assert record.payload["codes"] == ["L203", "L404", "L405"]
    assert record.payload["streams"][0]["first_bad_seq"] == 0
    assert ledger.state().shape == "failed"
    told = {verdict.name: verdict for verdict in ledger.state().verdicts}
    assert told["Integrity"].words == "1 of 2 streams altered"
    assert told["Completeness"].shape == "failed"


def test_the_first_verification_writes_down_the_guards() -> None:
    happen()
    runs.carry_out(runs.start(by="system:tests"))

    events = [record.event for record in ledger.about("ledger.stream:org")]
    assert events == ["catalogue_fingerprint.recorded", "ledger.verified"]


def test_only_one_runs_at_a_time() -> None:
    runs.start(by="system:tests")

    with pytest.raises(runs.AlreadyRunningError):
        runs.start(by="system:tests")


def test_one_that_fell_silent_makes_room() -> None:
    silent = runs.start(by="system:tests")
    VerificationRun.objects.update(beat_at=timezone.now() - timedelta(minutes=5))

    runs.start(by="system:tests")

    silent.refresh_from_db()
    assert silent.status == "interrupted"


def test_one_that_is_stopped_is_noted_and_the_reason_is_not_hidden() -> None:
    happen()
    run = runs.start(by="system:tests", scope="localhost/ledger/p/no-such")

    with pytest.raises(Exception, match="does not exist"):
        runs.carry_out(run)

    run.refresh_from_db()
    assert run.status == "interrupted"


def test_before_the_first_nothing_is_claimed() -> None:
    state = ledger.state()

    assert not state.good
    assert state.words == "Ledger not verified yet"
