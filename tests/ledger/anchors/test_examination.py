"""The folder against the record: edited, set back, or knowing what was cut from the record."""

from pathlib import Path
from typing import Any

import pytest

from ledger import anchors, checkpoints
from ledger.models import Stream
from ledger.verify import verify
from tests.ledger.signing import ORIGIN, grow, stream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.ANCHOR_FOLDER = str(tmp_path)
    settings.ANCHOR_FOLDER_IS_OURS = False
    for _ in range(3):
        grow(2)
        checkpoints.sign_everything()
        anchors.publish_everything()
    return tmp_path / bytes(stream().origin_id).hex()


def codes() -> set[str]:
    (found,) = [verdict for verdict in verify().streams if verdict.origin == ORIGIN]
    return {fault.code for fault in found.faults if fault.code.startswith("L")}


def test_an_honest_folder_agrees_with_the_record(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["2.note", "4.note", "6.note"]
    assert codes() == set()


def test_an_edited_file_is_found(folder: Path) -> None:
    (folder / "4.note").chmod(0o644)
    (folder / "4.note").write_text((folder / "4.note").read_text().replace("\n4\n", "\n3\n"))

    assert codes() == {"L402"}


def test_a_folder_that_was_set_back_is_found(folder: Path) -> None:
    (folder / "6.note").unlink()

    assert codes() == {"L409"}


def test_another_folder_is_not_said_to_have_been_set_back(
    folder: Path, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "new").mkdir()
    settings.ANCHOR_FOLDER = str(tmp_path / "new")

    assert codes() == set()


def test_a_tail_that_was_cut_is_known_to_the_folder(
    folder: Path, superuser_cursor: Any, settings: Any
) -> None:
    """Whoever also sets back the signer's memory forgets the folder."""
    number = Stream.objects.get(origin=ORIGIN).pk
    for table in ("ledger.entry", "ledger.checkpoint"):
        superuser_cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    superuser_cursor.execute("DELETE FROM ledger.entry WHERE stream = %s AND seq > 3", [number])
    superuser_cursor.execute(
        "DELETE FROM ledger.checkpoint WHERE stream = %s AND size > 4", [number]
    )
    notes = settings.SIGNER_DIR / "streams" / f"{folder.name}.note"
    notes.write_text((folder / "4.note").read_text())
    (found,) = [verdict for verdict in verify().streams if verdict.origin == ORIGIN]

    said = [fault.message for fault in found.faults if "folder of anchors" in fault.message]
    assert found.completeness == "failed"
    assert any("in the folder of anchors" in sentence for sentence in said)
