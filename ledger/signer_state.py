"""What the signer remembers outside the database: the last note of each stream, and its keys.

A database can be set back; this folder is what tells.  The last note of a stream is the whole
of its state, since it says origin, size and root and carries its own signature.  Everything is
durable before a note leaves, and one signer works at a time, whatever their processes.

    SIGNER_DIR/keys/<epoch>.pem             private keys, unless SIGNER_KEYS names another store
    SIGNER_DIR/keys.json                    public keys, and where each came into force
    SIGNER_DIR/keys/<epoch>.note            how trust passes to the key of that epoch
    SIGNER_DIR/streams/<origin id>.note     the last note signed for a stream
    SIGNER_DIR/lost/<origin id>.<size>.note a note whose entries a recovery gave up
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.canonical_json import canonical
from ledger.hashing import origin_id
from ledger.signing_keys import (
    PUBLIC_BYTES,
    SignerError,
    private_folder,
    read_private,
    write_private,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = "ledger.signer/1"
WAIT_SECONDS = 30.0  # for another signer's turn, which takes milliseconds
POLL_SECONDS = 0.02


class StateError(SignerError):
    """The signer's memory is missing, damaged, or that of another site."""


class BusyError(SignerError):
    """Another signer holds the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Another signer has worked in {folder} for {WAIT_SECONDS:.0f} s; end it first."
        )


@dataclass(frozen=True)
class Epoch:
    """A key and the organisation entry that brought it into force; None for the first."""

    number: int
    public: bytes
    rotated_seq: int | None


@dataclass(frozen=True)
class KeyHistory:
    """The site's keys in order, and the one that is just being brought into force."""

    epochs: tuple[Epoch, ...]
    coming: Epoch | None = None

    @property
    def newest(self) -> Epoch:
        """The one in force now."""
        return self.epochs[-1]

    def at(self, size: int) -> Epoch:
        """Return the epoch in force at `size` entries of the organisation's stream."""
        return next(
            epoch
            for epoch in reversed(self.epochs)
            if epoch.rotated_seq is None or epoch.rotated_seq < size
        )


class SignerState:
    """The folder of one site's signer; `org` is the origin of its organisation's stream."""

    def __init__(self, folder: Path, org: str) -> None:
        self.folder, self.org = folder, org
        self._depth = 0
        self._known: KeyHistory | None = None  # while nobody else can change it

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Work while no other signer does; within, this one may ask again.

        Raises BusyError when another goes on for WAIT_SECONDS.
        """
        if self._depth:
            yield
            return
        private_folder(self.folder)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._wait_for(descriptor)
            self._depth = 1
            yield
        finally:
            self._depth = 0
            self._known = None
            # said, not left to close(): a child forked meanwhile would go on holding it
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise BusyError(self.folder) from None
                time.sleep(POLL_SECONDS)
            else:
                return

    def note(self, origin: str) -> str | None:
        """Return the last note signed for a stream; None if there is none."""
        return self._read(self._note_path(origin))

    def notes(self) -> list[str]:
        """Return the last note of every stream that was ever signed."""
        paths = sorted((self.folder / "streams").glob("[!.]*.note"))
        return [note for path in paths if (note := self._read(path)) is not None]

    def keep_note(self, origin: str, note: str) -> None:
        """Remember `note` as the last one, durably: call it before the note leaves."""
        self._write(self._note_path(origin), note.encode())

    def give_up(self, origin: str, size: int) -> None:
        """Put the last note aside, as proof of what was signed, before another history's."""
        note = self.note(origin)
        if note is not None:
            lost = self.folder / "lost" / f"{origin_id(origin).hex()}.{size}.note"
            self._write(lost, note.encode())

    def succession(self, epoch: int) -> str | None:
        """Return the note that passes trust on to the key of `epoch`."""
        return self._read(self.folder / "keys" / f"{epoch}.note")

    def keep_succession(self, epoch: int, note: str) -> None:
        self._write(self.folder / "keys" / f"{epoch}.note", note.encode())

    def history(self) -> KeyHistory | None:
        """Return the site's keys; None before the first.  Raises StateError.

        Read once while this signer works alone.
        """
        if self._known is None:
            found = self._read_history()
            self._known = found if self._depth else None
            return found
        return self._known

    def _read_history(self) -> KeyHistory | None:
        written = self._read(self.folder / "keys.json")
        if written is None:
            return None
        try:
            owner, history = _read_history(json.loads(written))
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(
                f"{self.folder / 'keys.json'} is damaged; restore it from the backup of keys."
            ) from error
        if owner != self.org:
            raise StateError(
                f"{self.folder} is the signer's folder of {owner}, not of {self.org}: check"
                " LEDGER_SITE and SIGNER_DIR."
            )
        return history

    def keep_history(self, history: KeyHistory) -> None:
        written = {
            "coming": history.coming and _written(history.coming),
            "epochs": [_written(epoch) for epoch in history.epochs],
            "org": self.org,
            "schema": SCHEMA,
        }
        self._known = None
        self._write(self.folder / "keys.json", canonical(written))

    def _note_path(self, origin: str) -> Path:
        return self.folder / "streams" / f"{origin_id(origin).hex()}.note"

    def _write(self, path: Path, content: bytes) -> None:
        private_folder(self.folder)
        write_private(path, content)

    def _read(self, path: Path) -> str | None:
        content = read_private(path)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError:
            raise StateError(f"{path} is damaged; docs/keys.md says what to do.") from None


def _read_history(written: dict[str, Any]) -> tuple[str, KeyHistory]:
    epochs = tuple(map(_epoch, written["epochs"]))
    numbers = [epoch.number for epoch in epochs]
    if written["schema"] != SCHEMA or not epochs or numbers != list(range(len(epochs))):
        raise ValueError(numbers)
    return str(written["org"]), KeyHistory(
        epochs, written["coming"] and _epoch(written["coming"])
    )


def _epoch(written: dict[str, Any]) -> Epoch:
    number, public, place = written["epoch"], written["public"], written["rotated_seq"]
    key = bytes.fromhex(public)
    if type(number) is not int or len(key) != PUBLIC_BYTES or not isinstance(place, int | None):
        raise ValueError(written)
    return Epoch(number, key, place)


def _written(epoch: Epoch) -> dict[str, Any]:
    return {
        "epoch": epoch.number,
        "public": epoch.public.hex(),
        "rotated_seq": epoch.rotated_seq,
    }
