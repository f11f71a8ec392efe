"""One key for each patient, outside the database: destroying it erases what it encrypted.

The default store is a folder of files, DATA_DIR/keys/subjects, each holding one key wrapped by
a key of the site:

    <name>            "ASK1" | nonce, 12 bytes | AES-256-GCM of the 32 key bytes, with its tag
    <name>.destroyed  empty: the key is gone for good and is never made again

The associated data is "ASK1" and the name.  Any other store (a key management service) takes
its place by the same four methods.  What a file system may keep: the old blocks of a file that
was overwritten can survive on flash memory, in snapshots and in backups of this folder, so it
belongs on a disk that is encrypted as a whole and into backups that expire by themselves.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

import ledger
from accounts.errors.retention import SubjectErasedError

MAGIC = b"ASK1"
NONCE_BYTES = 12
KEY_BYTES = 32
NAME = re.compile(r"[0-9a-f]{16}")


class KeyDamagedError(Exception):
    """A key is there and cannot be unwrapped: restore it from the backup of the keys."""


class KeyStore(Protocol):
    """Where the keys of subjects live; `name` is 16 hexadecimal digits that tell nothing."""

    def get(self, name: str) -> bytes | None:
        """Return the 32 bytes, None if there never was such a key; SubjectErasedError."""

    def get_or_make(self, name: str) -> bytes:
        """Return the 32 bytes, making them once; SubjectErasedError if they were destroyed."""

    def destroy(self, name: str) -> None:
        """End the key for good; again, and before it was ever made, does no harm."""

    def is_destroyed(self, name: str) -> bool:
        """Tell whether the key was destroyed and nothing is left of it here."""


class FolderStore:
    """Keys as files that only the site's account reads, wrapped by the site's own key."""

    def __init__(self, folder: Path, master: bytes) -> None:
        self.folder, self.master = folder, master

    def get(self, name: str) -> bytes | None:
        path = self._path(name)
        if self._mark(name).exists():
            raise SubjectErasedError
        try:
            stored = path.read_bytes()
        except FileNotFoundError:
            return None
        nonce, wrapped = stored[len(MAGIC) :][:NONCE_BYTES], stored[len(MAGIC) + NONCE_BYTES :]
        try:
            return AESGCM(self.master).decrypt(nonce, wrapped, MAGIC + name.encode())
        except (InvalidTag, ValueError):
            raise KeyDamagedError(f"The key {name} is damaged; restore it.") from None

    def get_or_make(self, name: str) -> bytes:
        known = self.get(name)
        if known is not None:
            # whoever made it may not have come to flush its name
            ledger.make_durable(self.folder)
            return known
        self._make_folder()
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = secrets.token_bytes(KEY_BYTES)
        wrapped = AESGCM(self.master).encrypt(nonce, key, MAGIC + name.encode())
        draft = self.folder / f".{secrets.token_hex(16)}"
        _write(draft, MAGIC + nonce + wrapped)
        try:
            self._path(name).hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first; its key is the key
        finally:
            draft.unlink()
        ledger.make_durable(self.folder)
        made = self.get(name)
        if made is None:
            raise SubjectErasedError
        return made

    def destroy(self, name: str) -> None:
        self._make_folder()
        self._mark(name).touch(mode=0o600)  # first: from here on nobody makes it again
        ledger.make_durable(self.folder)
        path = self._path(name)
        if path.exists():
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        ledger.make_durable(self.folder)

    def is_destroyed(self, name: str) -> bool:
        return self._mark(name).exists() and not self._path(name).exists()

    def _make_folder(self) -> None:
        """Make the folder so that its name outlives a power loss; the one above is there."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            ledger.make_durable(self.folder.parent)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("A subject's key is named by 16 lower-case hexadecimal digits.")
        return self.folder / name

    def _mark(self, name: str) -> Path:
        return self._path(name).with_suffix(".destroyed")


def store() -> KeyStore:
    """Return the site's store of subjects' keys."""
    master = hmac.digest(settings.BLOB_KEY, b"accounts/v1 subject keys\n", "sha256")
    return FolderStore(Path(settings.KEY_DIR) / "subjects", master)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
