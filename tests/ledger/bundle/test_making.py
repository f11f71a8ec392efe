"""Bundles as acts: who may, what is recorded, what is kept, and what never is handed out."""

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

import ledger
from accounts.models import Role
from ledger.bundle import archive, keeping, making, writing
from ledger.bundle.errors import BundleDiskError, BundleExistsError, BundleNotSoundError
from ledger.bundle.models import Bundle
from ledger.bundle.scope import Scope
from ledger.reconcile import reconcile
from tests.factories import make_administrator, make_project, make_user
from tests.ledger.bundle.made import KEY, tell
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)
BY = "system:tests"


def asked(**facts: Any) -> Bundle:
    tell(3)
    happen()
    return making.request(Scope(key=KEY, **facts), by=BY)


def test_what_was_made_is_on_record_with_its_digest(tmp_path: Path) -> None:
    place, bundle = tmp_path / "bundle.zip", asked()

    making.carry_out(bundle, place)

    [entry] = ledger.about(bundle.ledger_ref)
    assert entry.event == "ledger.export_created"
    assert entry.payload["bundle_sha256"] == ledger.sha256_hex(place.read_bytes())
    assert entry.payload["bundle_size"] == place.stat().st_size
    assert entry.payload["scope"] == "whole project"
    assert [s["shown"] for s in entry.payload["streams"]] == [1, 3]
    bundle.refresh_from_db()
    assert (bundle.state, bundle.sha256) == ("made", entry.payload["bundle_sha256"])
    assert not reconcile().listed


def test_a_bundle_that_was_exchanged_in_the_table_is_found(tmp_path: Path) -> None:
    bundle = asked()
    making.carry_out(bundle, tmp_path / "bundle.zip")

    Bundle.objects.filter(pk=bundle.pk).update(sha256="00" * 32)

    assert [found.ref for found in reconcile().listed] == [bundle.ledger_ref]


def test_progress_is_told_and_written_down(tmp_path: Path) -> None:
    bundle, told = asked(), []

    making.carry_out(bundle, tmp_path / "bundle.zip", progress=lambda *at: told.append(at))

    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["signing", "writing", "assembling", "checking", "recording"]
    assert ("writing", 5, 5) in told


@pytest.mark.parametrize("what", ["leaf", "verifier"])
def test_a_bundle_that_does_not_verify_is_never_handed_out(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = archive.Spool.add

    def adding(self: Any, path: str, chunks: Any) -> Any:
        content = b"".join(chunks)
        wrong = "tile/entries" if what == "leaf" else "keys.json"
        return really(self, path, [content[:-1] + b"?" if wrong in path else content])

    monkeypatch.setattr(archive.Spool, "add", adding)
    bundle = asked()

    with pytest.raises(BundleNotSoundError, match=r"does not verify: L\d\d\d in") as refused:
        making.carry_out(bundle, tmp_path / "bundle.zip")

    assert list(tmp_path.iterdir()) == []
    assert ledger.about(bundle.ledger_ref) == []
    bundle.refresh_from_db()
    assert (bundle.state, bundle.problem) == ("failed", str(refused.value))


def test_a_full_disk_leaves_a_sentence_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "write_zip", full)
    bundle = asked()

    with pytest.raises(BundleDiskError, match="is full: making a bundle takes twice its size"):
        making.carry_out(bundle, tmp_path / "bundle.zip")

    assert list(tmp_path.iterdir()) == []
    bundle.refresh_from_db()
    assert bundle.state == "failed"


def test_another_file_is_not_replaced_and_nothing_recorded(tmp_path: Path) -> None:
    place, bundle = tmp_path / "bundle.zip", asked()
    place.write_bytes(b"another")

    with pytest.raises(BundleExistsError):
        making.carry_out(bundle, place)

    assert place.read_bytes() == b"another"
    assert ledger.about(bundle.ledger_ref) == []


def test_who_may_not_read_all_of_it_may_not_have_it() -> None:
    project = make_project()
    scope = Scope(key=str(project.pk))

    for role in (Role.DATA_MANAGER, Role.ANNOTATOR, Role.REVIEWER):
        with pytest.raises(PermissionDenied):
            making.request(scope, by=make_user(role=role, project=project))
    with pytest.raises(PermissionDenied):
        making.request(scope, by=make_user(role=Role.AUDITOR, project=make_project()))

    assert not Bundle.objects.exists()
    for person in (
        make_user(role=Role.AUDITOR, project=project),
        make_user(role=Role.REGULATORY, project=project),
        make_administrator(),
    ):
        making.request(scope, by=person)


def test_taking_it_away_is_recorded_and_ends_with_its_time() -> None:
    auditor = make_user(role=Role.AUDITOR, project=make_project())
    bundle = making.request(Scope(key="org"), by=auditor)
    settings.BUNDLE_DIR.mkdir(parents=True, exist_ok=True)
    making.carry_out(bundle, Path(bundle.file_path))

    path = keeping.hand_out(bundle, by=auditor)

    assert ledger.sha256_hex(path.read_bytes()) == bundle.sha256
    taken = ledger.about(bundle.ledger_ref)[-1]
    assert (taken.event, taken.actor) == ("ledger.export_downloaded", auditor.ledger_ref)

    bundle.file_until = timezone.now() - timedelta(seconds=1)
    bundle.save(update_fields=["file_until"])
    with pytest.raises(keeping.NotKeptError):
        keeping.hand_out(bundle, by=auditor)
    assert keeping.expire() == 1
    assert not path.exists()
