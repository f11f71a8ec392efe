"""A long run shows that it lives, also while it has no progress to tell."""

import time
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connections

from ledger import runs
from ledger.heartbeat import Heartbeat
from ledger.models import VerificationRun

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30.0  # seconds: a slow machine is no failure


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_it_beats_without_progress_and_tells_the_last_there_was() -> None:
    run = runs.start(by="system:tests")

    def beaten(after: datetime) -> bool:
        run.refresh_from_db()
        return run.beat_at > after

    with Heartbeat(run) as beat:
        first = run.beat_at
        beat(29_410, 48_213, 1)
        beat(48_213, 48_213, 2)
        wait_for(lambda: beaten(first))
        second = run.beat_at
        wait_for(lambda: beaten(second))

    assert (run.checked, run.total, run.findings) == (48_213, 48_213, 2)
    ended = run.beat_at
    time.sleep(1.2)
    run.refresh_from_db()
    assert run.beat_at == ended


def test_a_database_that_does_not_answer_ends_the_beat_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = runs.start(by="system:tests")
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")

    with Heartbeat(run) as beat:
        wait_for(lambda: not beat.thread.is_alive())

    assert "no sign of life: OperationalError" in caplog.text


def test_one_that_runs_is_alive_until_it_falls_silent() -> None:
    run = runs.start(by="system:tests")
    assert runs.is_alive(run)

    VerificationRun.objects.filter(pk=run.pk).update(beat_at=run.beat_at - 2 * runs.SILENCE)
    run.refresh_from_db()

    assert not runs.is_alive(run)
