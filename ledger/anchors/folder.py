"""A folder that only grows: one file for each checkpoint, never overwritten.

It is worth as much as the distance between it and the database: a volume of another machine,
a share that another department owns, a medium that is written once.

    ANCHOR_FOLDER/<origin id>/<size>.note       the signed note
    ANCHOR_FOLDER/<origin id>/<size>.<n>.note   the same head, signed again (a rotation), or
                                                whole after a write that was cut short
"""

from __future__ import annotations

import hashlib
import os
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from django.conf import settings

from ledger.anchors.base import Anchor, AnchorError, ContradictionError, Taken
from ledger.canonical_json import canonical
from ledger.durable import make_durable
from ledger.hashing import origin_id
from ledger.verifier.notes import (
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteError,
    parse_checkpoint,
    parse_note,
    signers,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ledger.anchors.base import Before, Head
    from ledger.verifier.notes import VKey

SCHEMA = "ledger.anchor.folder/1"
MODE = 0o444
TRIES = 16  # copies of one head: a rotation makes a second, a crash a third


class FolderAnchor(Anchor, kind="folder"):
    """A folder of ours; `own` says that nobody named it, so that it may be made here."""

    def __init__(self, folder: Path, *, own: bool = False) -> None:
        self.folder, self.own = folder, own

    @classmethod
    def configured(cls) -> list[Self]:
        if not settings.ANCHOR_FOLDER:
            return []
        return [cls(Path(settings.ANCHOR_FOLDER), own=settings.ANCHOR_FOLDER_IS_OURS)]

    @property
    def target(self) -> str:
        return str(self.folder)

    @property
    def remark(self) -> str:
        return "Beside the data: name a place elsewhere by ANCHOR_FOLDER." if self.own else ""

    def complaints(self) -> Iterable[str]:
        if not self.folder.is_absolute():
            yield f"ANCHOR_FOLDER is {str(self.folder)!r}; name it from the root."
        elif not self.own and not self.folder.is_dir():
            yield f"ANCHOR_FOLDER names {self.folder}, which is no folder: is it mounted?"

    def publish(self, head: Head, before: Before) -> Taken:
        """Write the note durably and read it back; what is there already is not touched."""
        try:
            name = self._keep(head)
        except OSError as error:
            raise AnchorError(
                f"{self.folder} did not take it: {error.strerror or type(error).__name__}."
            ) from None
        receipt = {
            "name": name,
            "schema": SCHEMA,
            "sha256": hashlib.sha256(head.note.encode()).hexdigest(),
        }
        return Taken(canonical(receipt))

    def _keep(self, head: Head) -> str:
        if self.own:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        elif not self.folder.is_dir():
            raise AnchorError(f"{self.folder} is not there: is it mounted?")
        place = self.folder / origin_id(head.origin).hex()
        if not place.is_dir():
            place.mkdir(mode=0o755, exist_ok=True)
            make_durable(self.folder)
        note = head.note.encode()
        for number in range(TRIES):
            path = place / (f"{head.size}.{number}.note" if number else f"{head.size}.note")
            if _create(path, note) or _is_kept(path, note, head):
                return str(path.relative_to(self.folder))
        raise AnchorError(f"{place} holds {TRIES} copies of {head.size}.note; look at it.")


def _create(path: Path, content: bytes) -> bool:
    """Write a new file, durable on return; False if there is one of that name."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, MODE)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    make_durable(path.parent)
    if _read(path) != content:
        raise AnchorError(f"{path.name} reads back other bytes than were written.")
    return True


def _is_kept(path: Path, note: bytes, head: Head) -> bool:
    """Tell whether an existing file holds the same note; raise if it holds another history.

    A write that a crash cut short left the beginning of the note; a rotation signs the same
    text once more: both are no other history, and the whole note goes beside them.
    """
    found = _read(path)
    if found == note:
        # a process that died after writing may not have flushed: nothing is said before that
        make_durable(path)
        make_durable(path.parent)
        return True
    if note.startswith(found) or found.startswith(head.text + b"\n"):
        return False
    raise ContradictionError(
        f"{path.parent.name}/{path.name} in the folder holds another checkpoint of"
        f" {head.size:,} entries than this record: one of the two was rewritten."
    )


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_NOTE_BYTES + 1)


class Kept(NamedTuple):
    """A note in the folder; `wrong` says why it cannot be relied on, or is empty."""

    name: str
    checkpoint: Checkpoint | None
    wrong: str = ""


def read_folder(folder: Path, origin: str, keys: Collection[VKey]) -> Iterator[Kept]:
    """Yield what the folder holds of the stream `origin`, smallest size first.

    A file that is edited, misplaced or signed by none of `keys` comes with what is wrong with
    it; the beginning of a note whose whole copy stands beside it is passed over.
    """
    place = folder / origin_id(origin).hex()
    if not place.is_dir():
        return
    names = sorted((_size(name), name) for name in os.listdir(place))  # noqa: PTH208  names: many
    for size, group in groupby(names, key=itemgetter(0)):
        contents = {name: _read(place / name) for _, name in group}
        for name, content in contents.items():
            if any(len(o) > len(content) and o.startswith(content) for o in contents.values()):
                continue
            checkpoint, wrong = _judge(content, origin, size, keys)
            yield Kept(f"{place.name}/{name}", checkpoint, wrong)


def _size(name: str) -> int:
    """Return the size that a file's name begins with; -1 if it does not."""
    size = name.partition(".")[0]
    return int(size) if size.isdecimal() and size.isascii() else -1


def _judge(
    content: bytes, origin: str, size: int, keys: Iterable[VKey]
) -> tuple[Checkpoint | None, str]:
    try:
        note = parse_note(content)
        checkpoint = parse_checkpoint(note)
        signed = signers(note, keys)
    except NoteError as error:
        return None, str(error)
    if (checkpoint.origin, checkpoint.size) != (origin, size):
        return None, "This is the checkpoint of another stream or size."
    return (checkpoint, "") if signed else (None, "Nobody whose key is known signed this.")
