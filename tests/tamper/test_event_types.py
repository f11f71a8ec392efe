"""Row 53: an event type that is switched off is noticed, though nothing is there to see.

What was never appended leaves no gap; the catalogue on record says what should be made.  Each
act is done to a copy of the installed packages, as somebody with a shell could.  That nothing
is signed or verified any more is an alarm of its own: `ledger.alarms`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import event_catalogue, scan
from ledger.events import EventsCatalogued
from ledger.segments import Fault
from ledger.verify import verify
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[Path], None]
BY = "system:tests"
MADE = r"\bUserRoleRevoked\("


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    changed = re.sub(old, new, content)
    assert changed != content
    path.write_text(changed, encoding="utf-8")


def never_made(place: Path) -> None:
    """Let no workflow make it any more."""
    edit(place / "accounts" / "roles.py", MADE, "dict(")


def declared_no_more(place: Path) -> None:
    never_made(place)
    edit(
        place / "accounts" / "events" / "people.py",
        r"class UserRoleRevoked\([^)]*\)",
        "class Other",
    )


def told_less(place: Path) -> None:
    """Leave whose role it was out of the payload."""
    edit(
        place / "accounts" / "events" / "people.py",
        r"(?s)(class UserRoleRevoked.*?)\n    \w+: \w+\n",
        r"\1\n",
    )


ACTS = [
    (never_made, "nothing makes user.role_revoked any more"),
    (declared_no_more, "user.role_revoked is no longer declared"),
    (told_less, "user.role_revoked has other fields"),
]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the installed packages, which now runs, its catalogue on record."""
    kept = shutil.ignore_patterns("*.pyc", "templates", "static", "__pycache__")
    for folder in event_catalogue.folders():
        shutil.copytree(folder, tmp_path / folder.name, ignore=kept)
    copied = tuple(tmp_path / folder.name for folder in event_catalogue.folders())
    monkeypatch.setattr(event_catalogue, "folders", lambda: copied)
    happen()
    event_catalogue.record(by=BY)
    return tmp_path


def found() -> list[Fault]:
    """Return what a process that starts now finds in the organisation's stream."""
    event_catalogue.items.cache_clear()
    [stream] = [each for each in verify().streams if each.origin.endswith("/org")]
    return [fault for fault in stream.faults if fault.code in {"L911", "N911"}]


def test_every_type_that_is_declared_is_made_somewhere() -> None:
    events, _ = event_catalogue.items(event_catalogue.folders())

    assert [one.event for one in events if not one.doors] == []
    assert len(events) > 50


@pytest.mark.parametrize(("act", "said"), ACTS)
def test_a_type_that_was_switched_off_is_named(act: Act, said: str, installed: Path) -> None:
    assert found() == []

    act(installed)

    [fault] = found()
    assert fault.code == "L911"
    assert said in fault.message
    assert verify().status == "failed"


@pytest.mark.parametrize("act", [act for act, _ in ACTS])
def test_without_its_mechanism_nobody_notices(
    act: Act, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(installed)
    monkeypatch.setattr(event_catalogue, "changes", lambda _: [])
    monkeypatch.setattr(event_catalogue, "_other_doors", lambda _: [])

    assert found() == []
    assert verify().status != "failed"


def test_an_update_that_switches_one_off_says_so_on_record(installed: Path) -> None:
    never_made(installed)
    event_catalogue.items.cache_clear()

    receipt = event_catalogue.record(by=BY)

    [_, newest] = scan.records({EventsCatalogued.name})
    assert receipt is not None
    assert "nothing makes user.role_revoked any more" in (newest.reason or "")
    assert found() == []
    assert event_catalogue.record(by=BY) is None


def test_code_that_makes_entries_and_was_edited_is_noted(installed: Path) -> None:
    with (installed / "accounts" / "roles.py").open("a") as file:
        file.write("# something else\n")

    [fault] = found()

    assert (fault.code, "accounts.roles" in fault.message) == ("N911", True)
    assert verify().status != "failed"
