"""The history of a reading as the record has it: every entry about it, in words."""

from collections.abc import Callable, Iterable
from typing import Any

import ledger
from annotations.models import Item, Review, Revision, Signature

STATE = dict(Item.State.choices)
DECISION = dict(Review.Decision.choices)


def of(item: Item, revisions: list[Revision]) -> dict[str, Any]:
    """Return thread, newest change, signatures and positions of a reading.

    Every step of the thread is an entry; nothing is shown that the record does not hold.
    """
    refs = [item.ledger_ref, *sorted({revision.record_id for revision in revisions})]
    entries = ledger.about(*refs, stream=item.ledger_stream)
    reviews = {r.ledger_ref: r for r in Review.objects.filter(item=item)}
    names = ledger.name_of({entry.actor for entry in entries} | _named(entries))
    told = (_step(entry, revisions, reviews, names) for entry in entries)
    steps = sorted(filter(None, told), key=lambda step: step["seq"], reverse=True)
    signatures = list(
        Signature.objects.filter(item=item).select_related("signer").order_by("-signed_at")
    )
    positions = _signature_positions(entries)
    return {
        "steps": _marked(steps),
        "latest": next((step for step in steps if step["is_change"]), None),
        "signatures": [(s, positions.get(s.manifest_hash)) for s in signatures],
        "entries": len(entries),
        "newest": entries[-1] if entries else None,
    }


def _named(entries: Iterable[ledger.Record]) -> set[str]:
    found = (entry.payload.get("annotator") for entry in entries)
    return {ref for ref in found if ref}


def _signature_positions(entries: Iterable[ledger.Record]) -> dict[str, int]:
    return {
        ledger.sha256_hex(entry.payload["manifest"].encode()): entry.sequence
        for entry in entries
        if entry.event == "signature.applied"
    }


def _marked(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fill the round of the newest step."""
    if steps:
        steps[0]["kind"] = f"{steps[0]['kind']} now".strip()
    return steps


def _step(
    entry: ledger.Record,
    revisions: list[Revision],
    reviews: dict[str, Review],
    names: dict[str, str],
) -> dict[str, Any] | None:
    """Return one entry as a step, or None for a transition that another step tells."""
    words = WORDS.get(entry.event)
    told = words(entry, revisions, reviews, names) if words else {"what": entry.event}
    if told is None:
        return None
    step = {"kind": "", "why": entry.reason or "", "is_change": False, "revision": None}
    return (
        step
        | told
        | {
            "seq": entry.sequence,
            "stream_key": entry.stream.rpartition("/")[2],
            "who": names.get(entry.actor, entry.actor),
            "role": (entry.role or "").replace("_", " "),
            "at": entry.at,
        }
    )


Told = dict[str, Any] | None
Words = Callable[[ledger.Record, list[Revision], dict[str, Review], dict[str, str]], Told]


def _assigned(entry: ledger.Record, _r: Any, _v: Any, names: dict[str, str]) -> Told:
    annotator = entry.payload["annotator"]
    return {"what": f"Assigned to {names.get(annotator, annotator)}"}


def _sealed(entry: ledger.Record, revisions: list[Revision], _v: Any, _n: Any) -> Told:
    """Tell a revision from its entry; its label and reason from the sealed bytes."""
    payload = entry.payload
    revision = next(
        (
            r
            for r in revisions
            if r.record_id == payload["record_id"] and r.number == payload["version"]
        ),
        None,
    )
    body = revision.body if revision else {}
    verb = {"annotation.created": "drawn", "annotation.modified": "changed"}
    name = body.get("tracking_id", "Annotation")
    return {
        "what": f"{name}, revision {payload['version']}, {verb.get(entry.event, 'retired')}",
        "why": (body.get("reason") or {}).get("text", ""),
        "is_change": True,
        "revision": revision,
        "before": payload.get("previous_version"),
    }


def _decided(entry: ledger.Record, _r: Any, reviews: dict[str, Review], _n: Any) -> Told:
    review = reviews.get(entry.payload["record_id"])
    decision = DECISION.get(entry.payload["decision"], entry.payload["decision"])
    return {"what": f"Review: {decision.lower()}", "why": review.reason if review else ""}


def _moved(entry: ledger.Record, _r: Any, _v: Any, _n: Any) -> Told:
    """Tell a submission or a reopening; other transitions are told by their cause."""
    payload = entry.payload
    if payload["state"] == Item.State.SUBMITTED:
        nothing = ", nothing to mark" if payload["nothing_to_mark"] else ""
        return {"what": f"Submitted, version {payload['item_version']}{nothing}"}
    if payload["state"] == Item.State.DRAFT:
        return {"what": "Reopened"}
    if payload["state"] in Item.ACCEPTED_STATES:
        return {"what": STATE[payload["state"]]}
    return None


def _refused(entry: ledger.Record, _r: Any, _v: Any, _n: Any) -> Told:
    rule = entry.payload["rule"].replace("_", " ")
    return {"what": f"Refused: not {entry.payload['asked']}, {rule}", "kind": "void"}


def _signed(entry: ledger.Record, _r: Any, _v: Any, _n: Any) -> Told:
    manifest = ledger.parse(entry.payload["manifest"].encode())
    return {"what": f"Signed: {manifest['meaning']}", "kind": "sign"}


def _superseded(entry: ledger.Record, _r: Any, _v: Any, _n: Any) -> Told:
    return {
        "what": f"Signature superseded: {entry.payload['meaning']}",
        "why": entry.payload["cause"],
        "kind": "sign void",
    }


WORDS: dict[str, Words] = {
    "assignment.made": _assigned,
    "annotation.created": _sealed,
    "annotation.modified": _sealed,
    "annotation.retired": _sealed,
    "review.submitted": _decided,
    "workflow.transition": _moved,
    "workflow.transition_refused": _refused,
    "signature.applied": _signed,
    "signature.superseded": _superseded,
}
