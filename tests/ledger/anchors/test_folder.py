"""The folder that only grows: written once, read back, and every change in it is found."""

import hashlib
import json
import stat
from pathlib import Path

import pytest

from ledger.anchors.base import NEVER, AnchorError, ContradictionError
from ledger.anchors.folder import FolderAnchor, read_folder
from ledger.hashing import origin_id
from tests.ledger.anchors.histories import ORG, PROJECT, History, history


@pytest.fixture
def anchor(tmp_path: Path) -> FolderAnchor:
    return FolderAnchor(tmp_path)


def file_of(anchor: FolderAnchor, size: int, *, copy: str = "") -> Path:
    return anchor.folder / origin_id(ORG).hex() / f"{size}{copy}.note"


def test_a_checkpoint_becomes_a_file_that_nobody_may_write(anchor: FolderAnchor) -> None:
    log = history(5)

    receipt = json.loads(anchor.publish(log.head(), NEVER).token)

    path = file_of(anchor, 5)
    assert path.read_text() == log.note()
    assert stat.S_IMODE(path.stat().st_mode) & 0o222 == 0
    assert receipt == {
        "name": f"{origin_id(ORG).hex()}/5.note",
        "schema": "ledger.anchor.folder/1",
        "sha256": hashlib.sha256(log.note().encode()).hexdigest(),
    }


def test_the_same_checkpoint_again_is_the_same_file(anchor: FolderAnchor) -> None:
    log = history(5)
    first = anchor.publish(log.head(), NEVER)
    before = file_of(anchor, 5).stat()

    again = anchor.publish(log.head(), NEVER)

    after = file_of(anchor, 5).stat()
    assert again == first
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in file_of(anchor, 5).parent.iterdir()] == ["5.note"]


def test_another_history_of_that_size_is_an_alarm_and_changes_nothing(
    anchor: FolderAnchor,
) -> None:
    log = history(5)
    anchor.publish(log.head(), NEVER)

    with pytest.raises(ContradictionError, match="one of the two was rewritten"):
        anchor.publish(log.fork(4, "another").head(), NEVER)

    assert file_of(anchor, 5).read_text() == log.note()


@pytest.mark.parametrize("length", [0, 1, 30, -1])
def test_a_write_cut_short_by_a_crash_is_no_other_history(
    anchor: FolderAnchor, length: int
) -> None:
    log = history(5)
    file_of(anchor, 5).parent.mkdir()
    file_of(anchor, 5).write_text(log.note()[:length])

    receipt = json.loads(anchor.publish(log.head(), NEVER).token)

    assert receipt["name"].endswith("/5.1.note")
    assert file_of(anchor, 5, copy=".1").read_text() == log.note()
    kept = list(read_folder(anchor.folder, ORG, [log.vkey]))
    assert [(one.name[-9:], one.wrong) for one in kept] == [("/5.1.note", "")]


def test_the_same_head_signed_by_a_new_key_stands_beside_the_first(
    anchor: FolderAnchor,
) -> None:
    log = history(5)
    other = History(ORG, leaves=log.leaves)
    anchor.publish(log.head(), NEVER)

    anchor.publish(other.head(), NEVER)

    kept = list(read_folder(anchor.folder, ORG, [log.vkey, other.vkey]))
    assert [one.checkpoint and one.checkpoint.root for one in kept] == [log.root()] * 2


def test_a_folder_that_is_not_mounted_is_not_made(tmp_path: Path) -> None:
    gone = FolderAnchor(tmp_path / "gone")

    with pytest.raises(AnchorError, match="is it mounted"):
        gone.publish(history().head(), NEVER)
    assert list(gone.complaints()) == [
        f"ANCHOR_FOLDER names {gone.folder}, which is no folder: is it mounted?"
    ]
    assert not gone.folder.exists()


def test_the_folder_beside_the_data_is_made_and_says_what_it_is_worth(tmp_path: Path) -> None:
    ours = FolderAnchor(tmp_path / "anchors", own=True)

    ours.publish(history().head(), NEVER)

    assert "Beside the data" in ours.remark
    assert FolderAnchor(tmp_path).remark == ""


def test_a_folder_that_takes_no_file_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / origin_id(ORG).hex()).write_text("a file where a folder belongs")

    with pytest.raises(AnchorError, match="did not take it"):
        FolderAnchor(tmp_path).publish(history().head(), NEVER)


def test_an_edited_file_is_found(anchor: FolderAnchor) -> None:
    log = history(6)
    for size in (2, 4, 6):
        anchor.publish(log.head(size), NEVER)
    path = file_of(anchor, 4)
    path.chmod(0o644)
    path.write_text(log.note(4).replace("\n4\n", "\n3\n"))

    kept = {one.name[-7:]: one.wrong for one in read_folder(anchor.folder, ORG, [log.vkey])}

    assert kept["/2.note"] == kept["/6.note"] == ""
    assert "not valid" in kept["/4.note"]


def test_a_note_in_the_wrong_place_or_of_another_key_does_not_count(
    anchor: FolderAnchor,
) -> None:
    log, project, stranger = history(6), history(6, PROJECT), history(6)
    place = file_of(anchor, 1).parent
    place.mkdir()
    (place / "3.note").write_text(log.note(2))
    (place / "4.note").write_text(project.note(4))
    (place / "5.note").write_text(stranger.note(5))
    (place / "readme.txt").write_text("hello")

    kept = {
        one.name.partition("/")[2]: one for one in read_folder(anchor.folder, ORG, [log.vkey])
    }

    assert all(one.checkpoint is None for one in kept.values())
    assert "another stream or size" in kept["3.note"].wrong
    assert "another stream or size" in kept["4.note"].wrong
    assert "Nobody whose key is known" in kept["5.note"].wrong
    assert kept["readme.txt"].wrong


def test_a_link_is_not_written_through(anchor: FolderAnchor, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("theirs")
    file_of(anchor, 3).parent.mkdir()
    file_of(anchor, 3).symlink_to(target)

    with pytest.raises(AnchorError):
        anchor.publish(history(3).head(), NEVER)
    assert target.read_text() == "theirs"
