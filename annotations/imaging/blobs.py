"""The blob store: files named by the SHA-256 of their content, encrypted, never half-written.

One file per blob, `<first two hex digits>/<digest>`:

    magic "ALB1" | key id (8 bytes) | nonce (12 bytes) | AES-256-GCM ciphertext and tag

The associated data is the magic, the key id, the kind's length and name, and the digest, so a blob
moved under another name does not open.
"""

import hashlib
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from annotations.image_errors import BlobDamagedError, BlobMissingError, BlobStoreError

MAGIC = b"ALB1"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + NONCE_BYTES
HEX = frozenset("0123456789abcdef")
DIGEST_LENGTH = 64


def put(data: bytes, *, kind: str) -> str:
    """Keep `data` and return its SHA-256 in hex; durable when this returns, and idempotent.

    `kind` ("original", "image", "frame", "thumbnail" …) only sorts the folders.  Raises
    BlobStoreError if the disk refuses; then no part of it can be seen.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = _path(digest, kind)
    try:
        if path.exists() and _holds(path, digest):
            return digest
        _write(path, _sealed(data, digest))
    except OSError as error:
        raise BlobStoreError(error.strerror or "disk error") from error
    return digest


def get(digest: str, *, kind: str | None = None) -> bytes:
    """Return the bytes kept under `digest`, checked against it.

    Raises BlobMissingError, or BlobDamagedError if they are not what was put; ValueError if
    `digest` is no SHA-256 in lower-case hex.
    """
    raise NotImplementedError
