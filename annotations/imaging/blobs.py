"""The blob store: files named by the SHA-256 of their content, encrypted, never half-written.

One file per blob, `<first two hex digits>/<digest>`:

    "ALB1" | key id, 8 bytes | nonce, 12 bytes | AES-256-GCM ciphertext with its tag

The associated data is "ALB1", the key id and the 32 bytes of the digest, so that a blob moved
under another name does not open.  The key id is the start of SHA-256("ALB1 key" | key).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from annotations.image_errors import BlobDamagedError, BlobMissingError, BlobStoreError

MAGIC = b"ALB1"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + NONCE_BYTES
DIGEST = re.compile(r"[0-9a-f]{64}")
MAX_BYTES = 2**31 - 32  # what one AES-GCM call of the library seals


def put(data: bytes, *, kind: str) -> str:
    """Keep `data` and return its SHA-256 in lower-case hex; durable when this returns.

    Putting the same bytes again keeps one copy, and mends a damaged one.  `kind` ("original",
    "image", "frame", "thumbnail") names what could not be kept.  Raises BlobStoreError; then no
    part of it can be seen.
    """
    return put_many([data], kind=kind)[0]


def put_many(contents: list[bytes], *, kind: str) -> list[str]:
    """Keep several blobs like `put`, flushing each folder once; return digests in order."""
    if any(len(data) > MAX_BYTES for data in contents):
        raise BlobStoreError(f"one {kind} is larger than 2 GiB")
    digests = [hashlib.sha256(data).hexdigest() for data in contents]
    folders: set[Path] = set()
    try:
        for digest, data in dict(zip(digests, contents, strict=True)).items():
            if not _holds(digest):
                _write(_path(digest), _seal(data, digest))
                folders.update([_path(digest).parent, Path(settings.BLOB_DIR)])
        for folder in folders:
            _sync_folder(folder)
    except OSError as error:
        detail = f"{error.strerror or 'disk error'}, writing one {kind}"
        raise BlobStoreError(detail) from None
    return digests


def get(digest: str) -> bytes:
    """Return the bytes kept under `digest`, checked against it.

    Raises BlobMissingError, BlobDamagedError if they are not what was put, or ValueError if
    `digest` is no SHA-256 in lower-case hex.
    """
    try:
        sealed = _path(digest).read_bytes()
    except FileNotFoundError:
        raise BlobMissingError(digest) from None
    except OSError as error:
        raise BlobDamagedError(digest, error.strerror or "disk error") from None
    return _open(sealed, digest)


def exists(digest: str) -> bool:
    """Tell whether there is a blob of this name, without opening it."""
    return _path(digest).is_file()


def remove(digest: str) -> None:
    """Remove a blob, if there is one; the caller knows that nobody refers to it."""
    _path(digest).unlink(missing_ok=True)


def _path(digest: str) -> Path:
    if not DIGEST.fullmatch(digest):
        raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
    return Path(settings.BLOB_DIR) / digest[:2] / digest


def _holds(digest: str) -> bool:
    try:
        get(digest)
    except (BlobMissingError, BlobDamagedError):
        return False
    return True


def _key() -> tuple[bytes, bytes]:
    key: bytes = settings.BLOB_KEY
    return key, hashlib.sha256(MAGIC + b" key" + key).digest()[:KEY_ID_BYTES]


def _seal(data: bytes, digest: str) -> bytes:
    key, key_id = _key()
    nonce = secrets.token_bytes(NONCE_BYTES)
    associated = MAGIC + key_id + bytes.fromhex(digest)
    return MAGIC + key_id + nonce + AESGCM(key).encrypt(nonce, data, associated)


def _open(sealed: bytes, digest: str) -> bytes:
    key, key_id = _key()
    if not sealed.startswith(MAGIC) or len(sealed) < HEADER_BYTES:
        raise BlobDamagedError(digest, "its beginning is not that of a stored file")
    if sealed[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES] != key_id:
        raise BlobDamagedError(digest, "it was encrypted with another key")
    nonce = sealed[HEADER_BYTES - NONCE_BYTES : HEADER_BYTES]
    associated = MAGIC + key_id + bytes.fromhex(digest)
    try:
        data = AESGCM(key).decrypt(nonce, sealed[HEADER_BYTES:], associated)
    except InvalidTag:
        raise BlobDamagedError(digest, "its seal is broken") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise BlobDamagedError(digest, "its content does not match its name")
    return data


def _write(path: Path, sealed: bytes) -> None:
    """Write beside, flush to the disk, then rename: seen whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def _sync_folder(folder: Path) -> None:
    """Make a rename last: the entry of a file is in its folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
