"""What readings, reviews, signatures, protocols and snapshots must agree with in the record.

Each row is digested together with the columns that pages and queries rely on, so that a
row edited past the guards differs from its entry even if its content was left alone.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import ledger
from accounts.events.signing import SignatureApplied
from annotations import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEALING = {
    events.AnnotationCreated.name,
    events.AnnotationModified.name,
    events.AnnotationRetired.name,
}
CHUNK = 500


def _digest(**facts: Any) -> str:
    return ledger.sha256_hex(ledger.canonical(facts))


def _person(key: object) -> str | None:
    return f"accounts.user:{key}" if key else None


def _revisions_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Revision  # models load after this module does

    rows = Revision.objects.select_related("annotation", "instance").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        yield (
            f"{row.record_id}/{row.number}",
            _digest(
                content=ledger.sha256_hex(bytes(row.content)),
                parent=row.parent_hash,
                item=f"annotations.item:{row.annotation.item_id}",
                image=row.instance.sop_uid,
                author=_person(row.author_id),
                retired=row.retired,
            ),
        )


def _revisions_recorded(entries: Iterable[ledger.Record]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        yield (
            f"{entry.payload['record_id']}/{entry.payload['version']}",
            _digest(
                content=entry.payload["content_hash"],
                parent=entry.payload.get("previous_hash", ""),
                item=entry.payload["item"],
                image=entry.payload["image"],
                author=entry.actor,
                retired=entry.event == events.AnnotationRetired.name,
            ),
        )


ledger.recorded(
    "annotations.revision",
    rows=_revisions_held,
    replay=_revisions_recorded,
    events=frozenset(SEALING),
)


def _items_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Item

    for row in Item.objects.order_by("pk").iterator(chunk_size=CHUNK):
        yield (
            row.ledger_ref,
            _digest(
                state=row.state,
                version=row.version,
                nothing_to_mark=row.nothing_to_mark,
                series=f"annotations.series:{row.series_id}",
                annotator=_person(row.annotator_id),
                reviewer=_person(row.reviewer_id),
            ),
        )


def _items_recorded(entries: Iterable[ledger.Record]) -> Iterator[tuple[str, str]]:
    """Say after each assignment and transition where the item must stand then."""
    for entry in entries:
        payload = entry.payload
        is_new = entry.event == events.AssignmentMade.name
        yield (
            entry.subject,
            _digest(
                state="draft" if is_new else payload["state"],
                version=1 if is_new else payload["item_version"],
                nothing_to_mark=False if is_new else payload["nothing_to_mark"],
                series=payload["series"],
                annotator=payload["annotator"],
                reviewer=None if is_new else payload["reviewer"],
            ),
        )


ledger.recorded(
    "annotations.item",
    rows=_items_held,
    replay=_items_recorded,
    events=frozenset({events.AssignmentMade.name, events.WorkflowTransition.name}),
)


def _reviews_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Review

    for row in Review.objects.order_by("pk").iterator(chunk_size=CHUNK):
        yield (
            row.ledger_ref,
            _digest(
                content=ledger.sha256_hex(bytes(row.content)),
                item=f"annotations.item:{row.item_id}",
                decision=row.decision,
                reviewer=_person(row.reviewer_id),
            ),
        )


def _reviews_recorded(entries: Iterable[ledger.Record]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        yield (
            entry.payload["record_id"],
            _digest(
                content=entry.payload["content_hash"],
                item=entry.payload["item"],
                decision=entry.payload["decision"],
                reviewer=entry.actor,
            ),
        )


ledger.recorded(
    "annotations.review",
    rows=_reviews_held,
    replay=_reviews_recorded,
    events=frozenset({events.ReviewSubmitted.name}),
)


def _signatures_held() -> Iterator[tuple[str, str]]:
    """Digest the signatures of each item together: what their entries are about is the item."""
    from annotations.models import Signature

    rows = Signature.objects.order_by("item_id", "manifest_hash").iterator(chunk_size=CHUNK)
    for item, of_item in groupby(rows, key=lambda row: row.item_id):
        held = [
            {
                "manifest": ledger.sha256_hex(row.manifest.encode()),
                "key": row.manifest_hash,
                "signer": _person(row.signer_id),
                "printed_name": row.printed_name,
                "time_zone": row.time_zone,
                "meaning": row.meaning,
                "components": list(row.components),
                "cause": row.cause,
            }
            for row in of_item
        ]
        yield f"annotations.item:{item}", _digest(signatures=held)


def _signatures_recorded(entries: Iterable[ledger.Record]) -> dict[str, str]:
    """Fold signatures of readings and what superseded them; other apps sign other things."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in entries:
        if not entry.subject.startswith("annotations.item:"):
            continue
        of_item = found.setdefault(entry.subject, {})
        if entry.event == SignatureApplied.name:
            key = ledger.sha256_hex(entry.payload["manifest"].encode())
            of_item[key] = _said(entry, key)
        else:
            of_item[entry.payload["manifest_hash"]]["cause"] = entry.payload["cause"]
    return {
        item: _digest(signatures=[of_item[key] for key in sorted(of_item)])
        for item, of_item in found.items()
    }


def _said(entry: ledger.Record, key: str) -> dict[str, Any]:
    manifest = ledger.parse(entry.payload["manifest"].encode())
    return {
        "manifest": key,
        "key": key,
        "signer": entry.actor,
        "printed_name": manifest["printed_name"],
        "time_zone": manifest["time_zone"],
        "meaning": manifest["meaning"],
        "components": list(entry.payload["components"]),
        "cause": "",
    }


ledger.recorded(
    "annotations.signature",
    rows=_signatures_held,
    replay=_signatures_recorded,
    events=frozenset({SignatureApplied.name, events.SignatureSuperseded.name}),
)


def _protocols_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Protocol

    for row in Protocol.objects.order_by("pk").iterator(chunk_size=CHUNK):
        content = ledger.sha256_hex(bytes(row.content))
        yield row.ledger_ref, _digest(content=content, version=row.version, name=row.name)


def _protocols_recorded(entries: Iterable[ledger.Record]) -> dict[str, str]:
    return {
        entry.payload["record_id"]: _digest(
            content=entry.payload["content_hash"],
            version=entry.payload["version"],
            name=entry.payload["title"],
        )
        for entry in entries
    }


ledger.recorded(
    "annotations.protocol",
    rows=_protocols_held,
    replay=_protocols_recorded,
    events=frozenset({events.ProtocolPublished.name}),
)


def _snapshots_held() -> Iterator[tuple[str, str]]:
    from annotations.models import Snapshot
    from annotations.snapshot import merkle_root

    for row in Snapshot.objects.order_by("pk").iterator(chunk_size=CHUNK):
        members = row.members.order_by("position").values_list("content", flat=True)
        yield (
            row.ledger_ref,
            _digest(
                content=ledger.sha256_hex(bytes(row.content)),
                root=merkle_root([bytes(content) for content in members]),
                stated=row.root,
            ),
        )


def _snapshots_recorded(entries: Iterable[ledger.Record]) -> dict[str, str]:
    return {
        entry.payload["record_id"]: _digest(
            content=entry.payload["content_hash"],
            root=entry.payload["manifest_hash"],
            stated=entry.payload["manifest_hash"],
        )
        for entry in entries
    }


ledger.recorded(
    "annotations.snapshot",
    rows=_snapshots_held,
    replay=_snapshots_recorded,
    events=frozenset({events.DatasetSnapshotFrozen.name}),
)
