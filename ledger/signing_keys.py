"""The site's signing keys: made where they are kept, used there, and never handed out.

One Ed25519 key serves every stream of the site; each rotation begins an epoch with a new one.
Whatever fulfils `KeyStore` can hold them: SIGNER_KEYS names its class, called with SIGNER_DIR.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.durable import make_durable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

OTHERS = 0o077  # what group and others could do with a file or folder
PUBLIC_BYTES = 32
MAX_BYTES = 1 << 20
_FILE = re.compile(r"([0-9]{1,6})\.pem")


class SignerError(RuntimeError):
    """The signer does not sign here; the sentence says why and what to do."""


class UnsafePlaceError(SignerError):
    """A key or the signer's memory lies where others than its owner can reach it."""


class KeyGoneError(SignerError):
    """The key of an epoch is not in its store, or cannot be read."""


class KeyStore(Protocol):
    """Where the keys are: a folder by default; a key management service fits.

    `sign` returns an Ed25519 signature (RFC 8032), 64 bytes, over `message` itself.
    """

    def epochs(self) -> list[int]:
        """Return the epochs that have a key here, ascending."""
        ...

    def make(self, epoch: int) -> bytes:
        """Make the key of `epoch`, unless it is there, and return its 32 public bytes."""
        ...

    def public(self, epoch: int) -> bytes:
        """Return the 32 public bytes.  Raises KeyGoneError."""
        ...

    def sign(self, epoch: int, message: bytes) -> bytes:
        """Sign `message`.  Raises KeyGoneError."""
        ...


class FileKeys:
    """Keys as PKCS #8 files, one an epoch, that only the signer's own account can read."""

    def __init__(self, folder: Path) -> None:
        self.root, self.folder = folder, folder / "keys"

    def epochs(self) -> list[int]:
        if not self.folder.exists():
            return []
        matches = (_FILE.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in matches if match)

    def make(self, epoch: int) -> bytes:
        """Make the key; of two processes that try at once, both get the first one's."""
        private_folder(self.root)
        private_folder(self.folder)
        path = self._path(epoch)
        if not path.exists():
            key = Ed25519PrivateKey.generate()
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            # another process may have been first: its key is the key
            with _draft(path, pem) as draft, suppress(FileExistsError):
                path.hardlink_to(draft)
            make_durable(self.folder)
        return self.public(epoch)

    def public(self, epoch: int) -> bytes:
        return self._key(epoch).public_key().public_bytes_raw()

    def sign(self, epoch: int, message: bytes) -> bytes:
        return self._key(epoch).sign(message)

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{epoch}.pem"

    def _key(self, epoch: int) -> Ed25519PrivateKey:
        path = self._path(epoch)
        pem = read_private(path)
        if pem is None:
            raise KeyGoneError(
                f"The signing key of epoch {epoch} is not at {path}. Restore it from the"
                " backup of the keys; docs/keys.md says what to do if there is none."
            )
        try:
            key: PrivateKeyTypes | None = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyGoneError(f"{path} holds no Ed25519 key; restore it from the backup.")
        return key


def private_folder(folder: Path) -> None:
    """Make `folder` for its owner alone, if need be; raise UnsafePlaceError if it is not so."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_durable(folder.parent)
    complaint = looseness(folder)
    if complaint:
        raise UnsafePlaceError(complaint)


def looseness(path: Path) -> str | None:
    """Say what is wrong with who can reach an existing file or folder; None if nothing is."""
    found = path.lstat()
    wanted = "700" if path.is_dir() else "600"
    if path.is_symlink():
        return f"{path} is a symbolic link; name the place itself."
    if found.st_uid != os.geteuid():
        return f"{path} belongs to another account; work as the account that signs."
    if S_IMODE(found.st_mode) & OTHERS:
        return (
            f"{path} can be reached by other accounts (mode {S_IMODE(found.st_mode):o});"
            f" run: chmod {wanted} {path}"
        )
    return None


def read_private(path: Path) -> bytes | None:
    """Return what a file that only its owner may read holds; None if it is not there.

    Raises UnsafePlaceError where others could have read it, or written it.
    """
    try:
        complaint = looseness(path)
        if complaint:
            raise UnsafePlaceError(complaint)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_BYTES)


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path` whole or not at all, for its owner alone; durable on return."""
    private_folder(path.parent)
    with _draft(path, content) as draft:
        draft.replace(path)
    make_durable(path.parent)


@contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """Yield a flushed file beside `path` with `content`; remove it unless it was moved."""
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
