"""Signatures of readings: what is signed, what was shown for it, and when it is superseded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ledger
from accounts.models import User
from accounts.signing import Confirmation, SignedItem
from annotations.events import SignatureSuperseded
from annotations.models import Item, Review, Revision, Signature
from annotations.sealing import newest

STATEMENTS = {
    "review": "I examined the image and each annotation and reached this decision.",
    "approval": "I release this reading for use in the dataset.",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What one signature is about: the review and the revisions that stand after it."""

    review: Review
    revisions: list[Revision]

    @property
    def items(self) -> list[SignedItem]:
        """The records in the order they are signed, each with the hash of what was shown."""
        pixels = sorted({r.body["target"]["pixel_sha256"] for r in self.revisions})
        review = self.review
        shown = _displayed(review.ledger_ref, 1, review.content_hash, pixels=pixels)
        decision = SignedItem(
            record_id=review.ledger_ref,
            version=1,
            content_hash=review.content_hash,
            displayed_hash=shown,
        )
        return [decision, *(_signed(revision) for revision in self.revisions)]


def to_sign(item: Item) -> Subject:
    """Return what stands to be signed for an item that is in review."""
    review = Review.objects.filter(item=item).latest("created_at")
    current = [revision for revision in newest(item) if not revision.retired]
    return Subject(review=review, revisions=current)


def store(review: Review, confirmation: Confirmation, *, by: User, at: datetime) -> Signature:
    """Keep the signature row; its printed name, zone and meaning are those of the manifest."""
    manifest = ledger.parse(confirmation.manifest.encode())
    return Signature.objects.create(
        item_id=review.item_id,
        review=review,
        signer=by,
        printed_name=manifest["printed_name"],
        time_zone=manifest["time_zone"],
        meaning=manifest["meaning"],
        manifest=confirmation.manifest,
        manifest_hash=ledger.sha256_hex(confirmation.manifest.encode()),
        components=list(confirmation.components),
        signed_at=at,
    )


def supersede(
    item: Item, *, by: User, cause: str, at: datetime
) -> Sequence[SignatureSuperseded]:
    """Mark every holding signature of the item; return the events that will say so."""
    holding = list(item.signatures.select_for_update().holding())
    for signature in holding:
        signature.superseded_at = at
        signature.superseded_by = by
        signature.cause = cause
        signature.save(update_fields=["superseded_at", "superseded_by", "cause"])
    return [
        SignatureSuperseded(
            manifest_hash=signature.manifest_hash,
            signer=f"accounts.user:{signature.signer_id}",
            meaning=signature.meaning,
            cause=cause,
        )
        for signature in holding
    ]


def _signed(revision: Revision) -> SignedItem:
    body = revision.body
    viewed = body["viewed"]
    return SignedItem(
        record_id=revision.record_id,
        version=revision.number,
        content_hash=revision.content_hash,
        displayed_hash=_displayed(
            revision.record_id,
            revision.number,
            revision.content_hash,
            pixels=[body["target"]["pixel_sha256"]],
            labels=[body["concept"]["meaning"]],
            window=viewed["window"] if viewed else [],
        ),
    )


def _displayed(
    record_id: str,
    version: int,
    content_hash: str,
    *,
    pixels: list[str],
    labels: Sequence[str] = (),
    window: Sequence[str] = (),
) -> str:
    view = {
        "schema": "display.view/1",
        "record_id": record_id,
        "version": version,
        "content_hash": content_hash,
        "pixel_sha256": pixels,
        "labels": list(labels),
        "window": list(window),
    }
    return ledger.sha256_hex(ledger.canonical(view))
