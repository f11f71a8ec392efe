"""The key that makes a project's pseudonyms, and digests that say nothing without it."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Project


def deidentification_key(project: Project) -> bytes:
    """Return the 32 bytes that pseudonyms, UIDs and date shifts of `project` come from."""
    purpose = b"annotations/v1 deidentification\n" + project.pk.bytes
    return hmac.digest(settings.DEID_KEY, purpose, "sha256")


def subject_key_name(project: UUID, key_hash: str) -> str:
    """Return the public name of a patient's own key: 16 hex digits that tell nothing."""
    purpose = b"annotations/v1 subject key\n" + project.bytes + key_hash.encode()
    return hashlib.sha256(purpose).hexdigest()[:16]


def key_id(key: bytes) -> str:
    """Return the public name of `key`, 16 hexadecimal digits; it does not give the key."""
    return hashlib.sha256(b"annotations/v1 key id\n" + key).hexdigest()[:16]


def keyed_digest(key: bytes, content: bytes) -> str:
    """Return HMAC-SHA-256 of `content`, in hex: a plain digest would recognise a known file."""
    return hmac.digest(key, b"annotations/v1 input\n" + content, "sha256").hex()


def made_uid(key: bytes, purpose: str, digest: str) -> str:
    """Return a UID below 2.25 (PS3.5 B.2) for an image whose file gives none."""
    content = f"annotations/v1 uid {purpose}\n{digest}".encode()
    return f"2.25.{int.from_bytes(hmac.digest(key, content, 'sha256')[:16], 'big')}"
