"""Bundles that are kept: none shows what was erased, whoever dies when."""

import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

import ledger
from accounts.models import Role, User
from ledger import erasure, jobs
from ledger.bundle import keeping, making
from ledger.bundle.draft import PREFIX
from ledger.bundle.models import Bundle
from ledger.bundle.scope import Scope
from tests.factories import make_project, make_user
from tests.ledger.bundle.made import tell
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "Canary-7c1f"
TWO = ("accounts.user:1", "accounts.user:2")


def kept(key: str) -> Bundle:
    """Return a bundle of a stream whose file the site keeps, made now."""
    bundle = making.request(Scope(key=key), by="system:tests")
    settings.BUNDLE_DIR.mkdir(parents=True, exist_ok=True)
    making.carry_out(bundle, Path(bundle.file_path))
    assert Path(bundle.file_path).is_file()
    return bundle


def is_there(bundle: Bundle) -> bool:
    bundle.refresh_from_db()
    return Path(bundle.file_path).exists() or bundle.is_kept


def erase(told: User, way: Any = ledger.erase) -> None:
    wanted = erasure.targets(key_of(told), subjects={"tests.thing:1"})[:1]
    way(wanted, basis="GDPR Art. 17(1)(b)", approved_by=TWO, by=TWO[1], reason="asked")


def key_of(told: User) -> str:
    return str(told.memberships.get().project_id)


@pytest.fixture
def told() -> User:
    """Return who audits a project of which something is on record."""
    project = make_project()
    tell(3, key=str(project.pk), text=CANARY)
    tell(2, key="another")
    happen()
    return make_user(role=Role.AUDITOR, project=project)


def test_with_the_entry_go_the_files_that_show_it(told: User) -> None:
    bundle, other = kept(key_of(told)), kept("another")
    assert CANARY.encode() in Path(bundle.file_path).read_bytes()

    erase(told)

    assert not is_there(bundle)
    assert is_there(other)
    assert ledger.about(bundle.ledger_ref)[-1].event == "ledger.export_created"


def test_a_crash_right_after_the_erasure_leaves_no_file(told: User) -> None:
    bundle = kept(key_of(told))
    erase(told, erasure.erase)  # and the process is gone before it removes files
    assert is_there(bundle)

    with pytest.raises(keeping.NotKeptError):
        keeping.hand_out(bundle, by=told)
    [removing] = [
        act for act in jobs.Clockwork(threading.Event()).acts if act.work is keeping.expire
    ]
    removing.carry_out()

    assert not is_there(bundle)


def test_erasing_in_the_organisation_removes_all_of_them(told: User) -> None:
    bundles = [kept(key_of(told)), kept("another")]
    wanted = erasure.targets(None, positions=[0])

    ledger.erase(wanted, basis="b", approved_by=TWO, by=TWO[1], reason="asked")

    assert not any(map(is_there, bundles))


def test_what_is_made_afterwards_stays(told: User) -> None:
    erase(told)
    bundle = kept(key_of(told))

    assert keeping.expire() == 0

    assert is_there(bundle)
    assert keeping.hand_out(bundle, by=told).is_file()


def test_a_file_that_the_disk_keeps_is_told_and_tried_again(
    told: User, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = kept(key_of(told))
    file = Path(bundle.file_path)
    file.unlink()
    file.mkdir()  # which no unlink removes

    with caplog.at_level(logging.ERROR):
        erase(told)

    assert f"the file of {bundle.ledger_ref} stays" in caplog.text
    file.rmdir()
    assert keeping.expire() == 1
    assert not is_there(bundle)


def test_what_a_crash_left_half_written_goes_after_a_day(told: User) -> None:
    settings.BUNDLE_DIR.mkdir(parents=True, exist_ok=True)
    old, new = (settings.BUNDLE_DIR / f"{PREFIX}{name}" for name in ("old", "new"))
    for draft in (old, new):
        draft.write_text(CANARY)
    os.utime(old, (0, time.time() - keeping.DRAFT_SECONDS - 1))

    keeping.expire()

    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()
