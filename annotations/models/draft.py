"""A draft: unsealed work in progress, encrypted, one per person and item, never an entry."""

import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

from accounts.models import User

NONCE_BYTES = 12


def _cipher() -> AESGCM:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"annotations/v1 draft")
    return AESGCM(derivation.derive(settings.BLOB_KEY))


class Draft(models.Model):
    """What one person has drawn on one item and not yet submitted."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.PROTECT, related_name="drafts"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="drafts")
    sealed_box = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="one_draft_per_person", fields=["item", "author"]),
        ]

    def __str__(self) -> str:
        return f"draft of {self.item_id}"

    @staticmethod
    def encrypt(content: bytes, *, item_id: object, author_id: object) -> bytes:
        """AES-256-GCM; bound to its item and author, so a box moved elsewhere does not open."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + _cipher().encrypt(nonce, content, f"{item_id} {author_id}".encode())

    def opened(self) -> bytes:
        """Decrypt; raises cryptography's InvalidTag for a box that was altered or moved."""
        box = bytes(self.sealed_box)
        bound = f"{self.item_id} {self.author_id}".encode()
        return _cipher().decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound)
