"""What happens meanwhile: others append, erase, rotate keys, tamper, or the process dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ledger import checkpoints, erasure, rotation
from ledger.bundle import heads
from ledger.bundle.errors import NotSignedError
from tests.ledger.bundle.made import (
    KEY,
    ORG,
    ORIGIN,
    checked,
    checked_by_itself,
    codes,
    make,
    manifest_of,
    names,
    pages,
    tell,
)
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[3]
SHIPPED = 500_000  # bytes of the two verifiers, about
TWO = ("accounts.user:1", "accounts.user:2")
EXPORT = """
import sys
from pathlib import Path
import django
django.setup()
from ledger.bundle.making import carry_out, request
from ledger.bundle.scope import Scope
carry_out(request(Scope(key=sys.argv[2]), by="system:tests"), Path(sys.argv[1]))
status = Path("/proc/self/status").read_text()  # of this program, unlike getrusage
print(status.split("VmHWM:")[1].split()[0])
"""


def exporting(place: Path) -> subprocess.Popen[bytes]:
    """Let another process make the bundle of everything."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", EXPORT, place, KEY],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )


def erase(position: int) -> None:
    wanted = erasure.targets(KEY, positions=[position])
    erasure.erase(wanted, basis="asked for", approved_by=TWO, by=TWO[1], reason="asked for")


def test_an_erased_entry_keeps_its_place(tmp_path: Path) -> None:
    tell(4)
    happen()
    erase(2)
    place = tmp_path / "bundle.zip"

    made = make(place)

    code, said = checked_by_itself(place, made, tmp_path)
    assert (code, codes(said)) == (0, set())
    assert made.erased == 1
    page = pages(place)[f"human/{KEY}/000000000.html"]
    assert "What it said is gone; entry #4 says why" in page


def test_an_erasure_that_the_head_does_not_reach_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(4)
    really = checkpoints.sign_everything
    erased: list[int] = []

    def sign_then_erase() -> list[str]:
        notes = really()
        if not erased:
            erased.append(2)
            erase(2)
        return notes

    monkeypatch.setattr(checkpoints, "sign_everything", sign_then_erase)

    made = make(tmp_path / "bundle.zip")

    code, said = checked(tmp_path / "bundle.zip", made)
    assert (code, codes(said)) == (0, set())
    assert made.counts[ORIGIN].erased == 1
    assert made.heads.project is not None
    assert made.heads.project.size == 5


def test_others_append_and_sign_while_a_bundle_is_made(tmp_path: Path) -> None:
    tell(600)
    stop, faults = threading.Event(), []

    def work() -> None:
        try:
            while not stop.is_set():
                happen(Thing(ledger_stream=KEY))
                happen()
                checkpoints.sign_everything()
        except Exception as error:  # noqa: BLE001  told below, in the test's own thread
            faults.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(3):
            place = tmp_path / f"{number}.zip"
            code, said = checked(place, make(place))
            assert (code, codes(said)) == (0, set()), said
    finally:
        stop.set()
        thread.join()

    assert faults == []


def test_keys_that_changed_travel_with_their_succession(tmp_path: Path) -> None:
    tell(2)
    checkpoints.sign_everything()
    first = checkpoints.vkey(ORG)
    rotation.rotate(cause="planned")
    tell(2)
    place = tmp_path / "bundle.zip"

    made = make(place)

    assert "keys/1.note" in names(place)
    for key in (first, made.vkey):
        made.vkey = key
        code, said = checked_by_itself(place, made, tmp_path)
        assert (code, codes(said)) == (0, set()), said


def test_many_checkpoints_are_thinned_out_and_those_needed_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        happen(Thing(ledger_stream=KEY))
        checkpoints.sign_everything()
    rotation.rotate(cause="planned")
    for _ in range(6):
        happen(Thing(ledger_stream=KEY))
        checkpoints.sign_everything()
    monkeypatch.setattr(heads, "ALL", 4)
    monkeypatch.setattr(heads, "NEWEST", 2)
    place = tmp_path / "bundle.zip"

    made = make(place)

    code, said = checked(place, made)
    assert (code, codes(said)) == (0, set()), said
    listed = {s["origin"]: s["checkpoints"] for s in manifest_of(place)["streams"]}
    assert len(listed[ORIGIN]) == 3
    assert len(listed[ORG]) == 4


def test_a_changed_entry_makes_no_bundle(superuser_cursor: Any, tmp_path: Path) -> None:
    tell(3)
    checkpoints.sign_everything()
    superuser_cursor.execute("ALTER TABLE ledger.entry DISABLE TRIGGER deny_row")
    superuser_cursor.execute("UPDATE ledger.entry SET sealed_us = sealed_us + 1 WHERE seq = 1")
    superuser_cursor.execute("ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER deny_row")

    with pytest.raises(NotSignedError, match="Run verify_ledger"):
        make(tmp_path / "bundle.zip")

    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    tell(2000)
    place = tmp_path / "out" / "bundle.zip"
    place.parent.mkdir()

    with exporting(place) as process:
        while not _is_writing(process.pid) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)

    assert process.returncode == -signal.SIGKILL
    assert list(place.parent.iterdir()) == []


def _is_writing(process: int) -> bool:
    """Tell whether it has a file open that has no name."""
    try:
        targets = [str(each.readlink()) for each in Path(f"/proc/{process}/fd").iterdir()]
    except OSError:
        return False
    return any("(deleted)" in target and "/out/" in target for target in targets)


def test_memory_does_not_grow_with_the_stream(tmp_path: Path) -> None:
    tell(1_000)
    small = exporting(tmp_path / "small.zip").communicate()[0]
    for _ in range(49):
        tell(1_000)

    large = exporting(tmp_path / "large.zip").communicate()[0]

    grown = int(large) - int(small)  # KiB
    sizes = [(tmp_path / name).stat().st_size for name in ("small.zip", "large.zip")]
    assert sizes[1] > 40 * (sizes[0] - SHIPPED)
    assert grown < 32 << 10, f"{grown:,} KiB more for 49,000 entries more"
