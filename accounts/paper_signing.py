"""How a paper of the office is signed: its content's hash, and that it was shown."""

from __future__ import annotations

from django.conf import settings

import ledger
from accounts import signing
from accounts.errors.policies import OtherPaperError
from accounts.models import SigningRequest, User
from accounts.signing import Confirmation, SignedItem


def item_of(ref: str, content_hash: str, *, version: int = 1) -> SignedItem:
    """Return what a signature of a paper binds."""
    view = {
        "schema": "display.view/1",
        "record_id": ref,
        "version": version,
        "content_hash": content_hash,
        "pixel_sha256": [],
        "labels": [],
        "window": [],
    }
    return SignedItem(
        record_id=ref,
        version=version,
        content_hash=content_hash,
        displayed_hash=ledger.sha256_hex(ledger.canonical(view)),
    )


def ask(item: SignedItem, *, by: User, meaning: str, statement: str) -> SigningRequest:
    """Put a paper of the organisation before `by` to sign, good for two minutes."""
    return signing.issue(
        by=by,
        items=[item],
        meaning=meaning,
        statement=statement,
        stream=f"{settings.LEDGER_SITE}/ledger/org",
    )


def require_signed(confirmation: Confirmation, item: SignedItem, *, by: User) -> None:
    """Raise OtherPaperError unless `by` signed exactly this paper."""
    if confirmation.signer != by.ledger_ref or list(confirmation.items) != [item]:
        raise OtherPaperError
