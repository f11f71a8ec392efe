"""The clockwork: who signed is signed for at once, one process works, and nothing ends it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

import ledger
from ledger import checkpoints, jobs, runs, scan
from ledger.events import RollbackDetected
from ledger.models import Checkpoint, VerificationRun
from ledger.registry import event_types
from ledger.signer_state import StateError
from tests.ledger.events import ACTOR
from tests.ledger.signing import ORG, ORIGIN, PROJECT, Database, grow, published, stream
from tests.ledger.tampering import tamper

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds: a slow machine is no failure
pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def is_signed(size: int) -> Callable[[], bool]:
    return lambda: Checkpoint.objects.filter(stream__origin=ORIGIN, size=size).exists()


@contextmanager
def working() -> Iterator[jobs.Clockwork]:
    clockwork = jobs.Clockwork(threading.Event())
    thread = threading.Thread(target=clockwork.run)
    thread.start()
    try:
        yield clockwork
    finally:
        clockwork.end.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_signature_is_covered_at_once(settings: LazySettings) -> None:
    settings.CHECKPOINT_SECONDS = 3600
    grow(2)

    with working():
        wait_for(is_signed(2))
        grow(1)
        checkpoints.after_signature()
        wait_for(is_signed(3))


class Urgent(ledger.Event, name="thing.urgent", urgent=True):
    """A test's own event that a checkpoint covers at once."""


def test_an_urgent_event_wakes_the_clockwork_when_it_is_committed(
    settings: LazySettings,
) -> None:
    settings.CHECKPOINT_SECONDS = 3600
    grow(1)

    with working():
        wait_for(is_signed(1))
        with transaction.atomic():
            ledger.append(Urgent(), actor=ACTOR, subject=PROJECT)
        wait_for(is_signed(2))


def test_signatures_and_frozen_datasets_are_urgent() -> None:
    urgent = {name for name, event in event_types.items() if event.urgent}

    assert urgent >= {"signature.applied", "dataset.snapshot_frozen"}


def test_many_entries_are_covered_before_the_time_comes(settings: LazySettings) -> None:
    settings.CHECKPOINT_SECONDS, settings.CHECKPOINT_ENTRIES = 3600, 5
    grow(1)

    with working():
        wait_for(is_signed(1))
        grow(5)
        wait_for(is_signed(6))


def test_nothing_is_signed_again_while_nothing_happens(settings: LazySettings) -> None:
    settings.CHECKPOINT_SECONDS = 0
    settings.ANCHOR_FOLDER = ""
    grow(2)
    clockwork = jobs.Clockwork(threading.Event())
    clockwork.tick()
    sizes = [(head.origin, head.size) for head in published()]

    for _ in range(5):
        clockwork.tick()

    assert [(head.origin, head.size) for head in published()] == sizes
    assert (ORIGIN, 2) in sizes


def test_of_two_one_works_until_it_ends(settings: LazySettings) -> None:
    grow(1)
    with working() as first:
        wait_for(is_signed(1))
        with jobs._session() as other:  # noqa: SLF001
            assert not jobs._is_ours(other)  # noqa: SLF001
        with working():
            first.end.set()
            grow(1)
            checkpoints.after_signature()
            wait_for(is_signed(2))


def test_a_database_that_restarts_is_found_again(
    superuser_cursor: Any, settings: LazySettings
) -> None:
    settings.CHECKPOINT_SECONDS = 1
    grow(1)
    with working():
        wait_for(is_signed(1))
        superuser_cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connections.close_all()
        grow(1)
        checkpoints.after_signature()  # nobody may be listening yet
        wait_for(is_signed(2))


@pytest.mark.parametrize("fault", [StateError("lost"), DatabaseError("x"), ZeroDivisionError()])
def test_an_act_that_fails_is_told_and_tried_again(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise fault

    act = jobs.Act("signing", 0.0, fail)
    act.carry_out()

    assert act.is_due()
    assert caplog.records[0].getMessage().startswith("signing")


def test_the_clock_of_the_act_is_monotonic(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    act = jobs.Act("counting", 3600.0, lambda: done.append(1))
    act.carry_out()

    monkeypatch.setattr(time, "time", lambda: 2e9)  # the machine's clock is set

    assert not act.is_due()


def environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "CHECKPOINT_SECONDS": "1"}


def test_the_command_signs_and_ends_when_it_is_told() -> None:
    grow(2)
    command = [sys.executable, "manage.py", "run_ledger_jobs"]
    with subprocess.Popen(command, cwd=ROOT, env=environment()) as process:
        wait_for(is_signed(2))
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0


FORKING = """
import os, time, django
django.setup()
from ledger import jobs
jobs.run_in_background()
jobs.run_in_background()
child = os.fork()
time.sleep(60 if child == 0 else 0)
os._exit(0)
"""


def test_a_child_that_was_forked_has_a_clockwork_of_its_own() -> None:
    grow(2)
    process = subprocess.Popen(
        [sys.executable, "-c", FORKING], cwd=ROOT, env=environment(), start_new_session=True
    )
    assert process.wait(PATIENCE) == 0  # the parent is gone, its thread with it

    try:
        wait_for(is_signed(2))
        grow(1)
        wait_for(is_signed(3))
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def test_a_database_that_was_set_back_is_found_at_start(superuser_cursor: Any) -> None:
    database = Database(superuser_cursor)
    grow(1)
    checkpoints.sign_everything()
    older = database.copy()
    grow(1)
    checkpoints.sign_everything()
    jobs.look_at_start()
    database.set_back(older)

    jobs.look_at_start()

    told = [record.payload["origin"] for record in scan.records({RollbackDetected.name})]
    assert sorted(told) == [ORG, ORIGIN]


def test_a_site_that_never_signed_has_nothing_to_look_at() -> None:
    grow(1)

    jobs.look_at_start()

    assert not list(scan.records({RollbackDetected.name}))


def long_ago(cursor: Any) -> None:
    """Let the record have begun the day before yesterday."""
    then = round((datetime.now(UTC) - timedelta(days=2)).timestamp() * 1_000_000)
    cursor.execute("SET search_path = ledger, public")
    tamper(cursor, f"UPDATE entry SET sealed_us = {then} WHERE stream = {stream().pk}")


def test_each_night_is_verified_once(superuser_cursor: Any) -> None:
    grow(1)
    long_ago(superuser_cursor)

    for _ in range(3):
        jobs.verify_if_due()
        wait_for(lambda: not VerificationRun.objects.filter(finished_at=None).exists())

    (run,) = VerificationRun.objects.all()
    assert run.started_by == jobs.NIGHTLY


def test_the_nightly_verification_waits_for_somebodys_own(superuser_cursor: Any) -> None:
    grow(1)
    long_ago(superuser_cursor)
    own = runs.start(by="system:tests")

    jobs.verify_if_due()

    assert VerificationRun.objects.get() == own
    VerificationRun.objects.filter(pk=own.pk).update(
        finished_at=timezone.now(), status=VerificationRun.Status.INTERRUPTED
    )


def test_a_record_younger_than_the_night_has_nothing_to_make_up_for() -> None:
    grow(1)

    jobs.verify_if_due()

    assert not VerificationRun.objects.exists()
