"""What must go on is watched: each of it raised when it stops, quiet when it goes on."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from ledger import alarms, anchors, checkpoints, jobs, rollback, runs
from ledger.alarms import State
from ledger.models import VerificationRun
from tests.factories import make_user, sign_in
from tests.ledger.events import Thing
from tests.ledger.signing import ORIGIN, PROJECT, Database, grow
from tests.ledger.tampering import tamper
from tests.ledger.test_sealer import held, leave_waiting, number_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms._Told, "kinds", set())  # noqa: SLF001


def states() -> dict[str, str]:
    return {alarm.kind: str(alarm.state) for alarm in alarms.look()}


def words(kind: str) -> str:
    (alarm,) = (alarm for alarm in alarms.look() if alarm.kind == kind)
    return f"{alarm.words} {alarm.remedy}".strip()


def date_back(cursor: Any, **by: int) -> None:
    """Let every entry have been sealed so long ago."""
    then = round((datetime.now(UTC) - timedelta(**by)).timestamp() * 1_000_000)
    cursor.execute("SET search_path = ledger, public")
    tamper(cursor, f"UPDATE entry SET sealed_us = {then}")


def verified(ago: timedelta, scope: str = "", status: str = "ok") -> VerificationRun:
    then = timezone.now() - ago
    finished = None if status == "running" else then
    return VerificationRun.objects.create(
        scope=scope,
        started_by="system:tests",
        started_at=then,
        beat_at=timezone.now() if finished is None else then,
        finished_at=finished,
        status=status,
    )


def test_an_empty_record_has_nothing_to_judge_by() -> None:
    assert states() == {
        "record": "quiet",
        "sealing": "quiet",
        "checkpoints": "unknown",
        "anchors": "unknown",
        "verification": "unknown",
    }
    assert alarms.raised() == []


def test_a_record_that_is_kept_is_quiet(tmp_path: Path, settings: LazySettings) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path)
    grow(2)
    checkpoints.sign_everything()
    anchors.publish_everything()
    checkpoints.sign_everything()
    runs.carry_out(runs.start(by="system:tests"))

    assert set(states().values()) == {"quiet"}
    assert words("checkpoints") == "The newest entries come next."
    checkpoints.sign_everything()
    assert words("checkpoints") == "Every entry is covered."


def test_an_entry_that_is_not_linked_is_an_alarm(superuser_cursor: Any) -> None:
    grow(1)
    with held(number_of("one")):
        leave_waiting(1, PROJECT)
        assert states()["sealing"] == "quiet"
        superuser_cursor.execute(
            "UPDATE ledger.pending SET since = clock_timestamp() - interval '70 s'"
        )

        assert states()["sealing"] == "alarm"
        assert words("sealing").startswith(
            "1 entry in 1 stream is written but not linked into the chain, the oldest for 70 s."
        )


def test_entries_that_wait_for_two_intervals_are_an_alarm(superuser_cursor: Any) -> None:
    grow(1)
    checkpoints.sign_everything()
    grow(2)
    date_back(superuser_cursor, seconds=115)
    assert states()["checkpoints"] == "quiet"
    date_back(superuser_cursor, seconds=125)

    (late,) = [one for one in alarms.unsigned() if one.origin == ORIGIN]
    assert (late.entries, late.age > timedelta(seconds=125)) == (2, True)
    assert states()["checkpoints"] == "alarm"
    assert "2 entries in 1 stream are not covered by any checkpoint" in words("checkpoints")
    assert "No process carries out the ledger's jobs" in words("checkpoints")
    assert ORIGIN not in words("checkpoints")
    checkpoints.sign_everything()
    assert states()["checkpoints"] == "quiet"


def test_what_is_covered_never_waits_however_old(superuser_cursor: Any) -> None:
    grow(3)
    checkpoints.sign_everything()
    date_back(superuser_cursor, days=400)

    assert states()["checkpoints"] == "quiet"


def test_somebody_who_works_and_does_not_sign_is_named_otherwise(superuser_cursor: Any) -> None:
    grow(1)
    date_back(superuser_cursor, seconds=125)
    with jobs._session() as session:  # noqa: SLF001
        assert jobs._is_ours(session)  # noqa: SLF001

        assert "keeps the signer from signing" in words("checkpoints")


@pytest.mark.parametrize("time", [-(1 << 62), (1 << 62), 0])
def test_a_forged_time_of_sealing_breaks_no_watch(
    superuser_cursor: Any, client: Client, time: int
) -> None:
    grow(1)
    superuser_cursor.execute("SET search_path = ledger, public")
    tamper(superuser_cursor, f"UPDATE entry SET sealed_us = {time}")

    expected = State.QUIET if time > 0 else State.ALARM
    assert states()["checkpoints"] == expected
    sign_in(client, make_user(role=Role.REGULATORY))
    for page in ("/ledger/?stream=org", "/ledger/org/0/"):
        assert client.get(page).status_code == 200


def test_a_day_without_verification_is_an_alarm(superuser_cursor: Any) -> None:
    grow(1)
    assert states()["verification"] == "unknown"
    date_back(superuser_cursor, hours=26)
    assert "was never verified as a whole" in words("verification")
    verified(timedelta(hours=1), scope=ORIGIN)  # a part of it
    verified(timedelta(hours=1), status="interrupted")
    assert states()["verification"] == "alarm"
    verified(timedelta(hours=50))
    assert words("verification").startswith(
        "The last verification of the whole record began 2 days ago."
    )

    verified(timedelta(hours=24))

    assert states()["verification"] == "quiet"


def test_one_that_runs_is_no_alarm_while_it_lives() -> None:
    grow(1)
    verified(timedelta(hours=26))
    run = verified(timedelta(hours=20), status="running")
    assert states()["verification"] == "quiet"

    VerificationRun.objects.filter(pk=run.pk).update(
        beat_at=timezone.now() - timedelta(minutes=5)
    )

    assert states()["verification"] == "alarm"


def test_an_anchor_that_is_behind_is_an_alarm(
    tmp_path: Path, settings: LazySettings, superuser_cursor: Any
) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path)
    assert states()["anchors"] == "unknown"
    grow(1)
    checkpoints.sign_everything()
    assert states()["anchors"] == "quiet"
    superuser_cursor.execute("ALTER TABLE ledger.checkpoint DISABLE TRIGGER ALL")
    superuser_cursor.execute(
        "UPDATE ledger.checkpoint SET created_at = created_at - interval '3 minutes'"
    )

    assert states()["anchors"] == "alarm"
    assert words("anchors").startswith("1 of 1 anchor behind, the longest for 3 minutes.")


def test_a_database_that_was_set_back_is_an_alarm(superuser_cursor: Any) -> None:
    Database(superuser_cursor).lose(kept=1, lost=1)

    assert states()["record"] == "alarm"
    assert "two people declare the recovery" in words("record")


def test_the_log_tells_each_alarm_once_and_that_it_ended(
    superuser_cursor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    grow(1)
    date_back(superuser_cursor, seconds=300)

    for _ in range(3):
        alarms.watch()
    checkpoints.sign_everything()
    for _ in range(3):
        alarms.watch()

    told = [(r.levelno, r.getMessage()) for r in caplog.records if r.name == "ledger.alarms"]
    assert [level for level, _ in told] == [logging.ERROR, logging.WARNING]
    assert told[0][1].startswith("alarm, checkpoints: 1 entry in 1 stream is not covered")
    assert told[1][1] == "alarm ended, checkpoints"


def test_health_is_degraded_by_each_alarm_and_names_nothing(
    client: Client, superuser_cursor: Any
) -> None:
    grow(1)
    date_back(superuser_cursor, hours=26)

    answer = client.get("/health/")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded",
        "database": "ok",
        "record": "quiet",
        "sealing": "quiet",
        "checkpoints": "alarm",
        "anchors": "unknown",
        "verification": "alarm",
        "alerts": "quiet",
    }


def test_who_stands_by_watches_who_works(
    superuser_cursor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    grow(1)
    date_back(superuser_cursor, seconds=300)
    clockwork = jobs.Clockwork(threading.Event())
    clockwork.end.set()  # one look, no wait

    clockwork._stand_by()  # noqa: SLF001

    assert any(r.getMessage().startswith("alarm, checkpoints") for r in caplog.records)


def test_the_number_of_queries_is_constant(django_assert_num_queries: Any) -> None:
    grow(1)
    rollback.held()
    with django_assert_num_queries(5):
        alarms.look()
    for number in range(5):
        grow(2, Thing(ledger_stream=f"more{number}"))

    with django_assert_num_queries(5):
        alarms.look()
