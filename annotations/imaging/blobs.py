"""The blob store: files named by the SHA-256 of their content, encrypted, never half-written.

One file per blob, `<first two hex digits>/<digest>`, or `<digest>.<owner>` where a subject's
own key encrypts it; `owner` is that key's public name (accounts.subject_keys):

    "ALB1" | key id, 8 bytes | nonce, 12 bytes | AES-256-GCM ciphertext with its tag
    "ALB2" | owner, 8 bytes  | nonce, 12 bytes | AES-256-GCM ciphertext with its tag

The associated data is the first four bytes, the key id or owner and the 32 bytes of the digest,
so that a blob moved under another name does not open.  The key id is the start of
SHA-256("ALB1 key" | key); that key is the site's.  Two subjects whose bytes are alike have a
file each: when one's key is destroyed, the other's stays.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

import ledger
from accounts import subject_keys
from accounts.errors.retention import SubjectErasedError
from annotations.image_errors import (
    BlobDamagedError,
    BlobErasedError,
    BlobMissingError,
    BlobStoreError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC = b"ALB1"
OWNED = b"ALB2"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + NONCE_BYTES
DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_BYTES = 2**31 - 32  # what one AES-GCM call of the library seals


def put(data: bytes, *, kind: str, owner: str = "") -> str:
    """Keep `data` and return its SHA-256 in lower-case hex; durable when this returns.

    Putting the same bytes again keeps one copy, and mends a damaged one.  `kind` ("original",
    "image", "frame", "thumbnail") names what could not be kept.  `owner` names the subject's
    key that encrypts it, made on first use; none: the site's.  Raises BlobStoreError, then no
    part of it can be seen, or SubjectErasedError for a key that was destroyed.
    """
    return put_many([data], kind=kind, owner=owner)[0]


def put_many(contents: list[bytes], *, kind: str, owner: str = "") -> list[str]:
    """Keep several blobs like `put`, flushing each folder once; return digests in order."""
    if any(len(data) > MAX_BYTES for data in contents):
        raise BlobStoreError(f"one {kind} is larger than 2 GiB")
    digests = [hashlib.sha256(data).hexdigest() for data in contents]
    folders: set[Path] = set()
    seal = _sealer(owner)
    try:
        for digest, data in dict(zip(digests, contents, strict=True)).items():
            path = _path(digest, owner)
            if not _holds(path, digest):
                _write(path, seal(data, digest))
            # also for what is there: whoever put it may not have come to flush its name
            folders.update([path.parent, Path(settings.BLOB_DIR)])
        for folder in folders:
            ledger.make_durable(folder)
    except OSError as error:
        detail = f"{error.strerror or 'disk error'}, writing one {kind}"
        raise BlobStoreError(detail) from None
    return digests


def get(digest: str, *, owner: str = "") -> bytes:
    """Return the bytes kept under `digest`, checked against it.

    `owner` says whose copy; without it any copy that can be read is given.  Raises
    BlobMissingError, BlobErasedError where the owner's key was destroyed, BlobDamagedError if
    they are not what was put, or ValueError if `digest` is no SHA-256 in lower-case hex.
    """
    refusal: Exception = BlobMissingError(digest)
    for path in _copies(digest, owner):
        try:
            return _open(path.read_bytes(), digest, _owner_of(path))
        except SubjectErasedError:
            refusal = BlobErasedError()
        except FileNotFoundError:
            continue
        except OSError as error:
            refusal = BlobDamagedError(digest, error.strerror or "disk error")
    raise refusal from None


def exists(digest: str, *, owner: str = "") -> bool:
    """Tell whether there is a blob of this name, without opening it."""
    return any(path.is_file() for path in _copies(digest, owner))


def is_owned(digest: str, *, owner: str) -> bool:
    """Tell whether the only copy that `owner` would be given is under the owner's own key."""
    return _path(digest, owner).is_file() and not _path(digest).is_file()


def remove(digest: str, *, owner: str = "") -> None:
    """Remove a blob, if there is one; the caller knows that nobody refers to it."""
    _path(digest, owner).unlink(missing_ok=True)
    if owner:
        _path(digest).unlink(missing_ok=True)


def _copies(digest: str, owner: str) -> Iterator[Path]:
    """Yield where the bytes can be: the owner's copy, the site's; any if nobody is named."""
    if owner:
        yield _path(digest, owner)
    plain = _path(digest)
    yield plain
    if not owner:
        yield from sorted(plain.parent.glob(f"{digest}.*"))


def _path(digest: str, owner: str = "") -> Path:
    if not DIGEST.fullmatch(digest):
        raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
    name = f"{digest}.{owner}" if owner else digest
    return Path(settings.BLOB_DIR) / digest[:2] / name


def _owner_of(path: Path) -> str:
    return path.name.partition(".")[2]


def _holds(path: Path, digest: str) -> bool:
    try:
        _open(path.read_bytes(), digest, _owner_of(path))
    except (OSError, BlobDamagedError):
        return False
    return True


def _key() -> tuple[bytes, bytes]:
    key: bytes = settings.BLOB_KEY
    return key, hashlib.sha256(MAGIC + b" key" + key).digest()[:KEY_ID_BYTES]


def _sealer(owner: str) -> Callable[[bytes, str], bytes]:
    """Return what encrypts for `owner`, whose key is looked up, or made, once."""
    if owner:
        magic, key_id = OWNED, bytes.fromhex(owner)
        key = subject_keys.store().get_or_make(owner)
    else:
        magic, (key, key_id) = MAGIC, _key()

    def seal(data: bytes, digest: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        associated = magic + key_id + bytes.fromhex(digest)
        return magic + key_id + nonce + AESGCM(key).encrypt(nonce, data, associated)

    return seal


def _open(sealed: bytes, digest: str, owner: str) -> bytes:
    if owner:
        magic, key_id = OWNED, bytes.fromhex(owner)
        key = subject_keys.store().get(owner) or b""
    else:
        magic, (key, key_id) = MAGIC, _key()
    if not sealed.startswith(magic) or len(sealed) < HEADER_BYTES:
        raise BlobDamagedError(digest, "its beginning is not that of a stored file")
    if sealed[len(magic) : len(magic) + KEY_ID_BYTES] != key_id or not key:
        raise BlobDamagedError(digest, "it was encrypted with another key")
    nonce = sealed[HEADER_BYTES - NONCE_BYTES : HEADER_BYTES]
    associated = magic + key_id + bytes.fromhex(digest)
    try:
        data = AESGCM(key).decrypt(nonce, sealed[HEADER_BYTES:], associated)
    except InvalidTag:
        raise BlobDamagedError(digest, "its seal is broken") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise BlobDamagedError(digest, "its content does not match its name")
    return data


def _write(path: Path, sealed: bytes) -> None:
    """Write beside, flush to the disk, then rename: seen whole or not at all."""
    _make_folder(path.parent)
    draft = path.with_name(f".{secrets.token_hex(16)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, so that their names outlive a power loss."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)
        ledger.make_durable(folder.parent)
