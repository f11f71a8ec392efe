"""Sections 16 and 17: records followed by hand, and how to check all of this without us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.evidence.reading import Reading, manifest_of, second

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.registry import Record

Section = dict[str, Any]

MOST_STEPS = 12
DID = {
    "image.ingested": "Image taken in, de-identified and stored",
    "assignment.made": "Reading assigned",
    "annotation.created": "First revision sealed",
    "annotation.modified": "New revision sealed, the one before is kept",
    "annotation.retired": "Annotation retired, its revisions are kept",
    "workflow.transition": "Reading moved on",
    "review.submitted": "Second person decided",
    "signature.applied": "Signed",
    "signature.superseded": "Signature superseded by a later change",
    "dataset.snapshot_frozen": "Dataset frozen",
}


def traces(reading: Reading) -> list[Section]:
    """Follow the newest signature and the newest retirement through their entries."""
    found = []
    signed = reading.within("signature.applied")
    if signed:
        items = manifest_of(signed[-1]).get("items", [])
        refs = {signed[-1].subject, *(item["record_id"] for item in items)}
        steps = _steps(reading, refs, upto=signed[-1])
        question = "What was signed last, and where does it come from?"
        found.append({"title": "One signature, complete", "question": question, "steps": steps})
    retired = reading.within("annotation.retired")
    if retired:
        steps = _steps(reading, {retired[-1].subject}, upto=None)
        question = "An annotation is no longer in its reading. What happened to it?"
        found.append({"title": "One deletion, complete", "question": question, "steps": steps})
    return found


def _steps(reading: Reading, refs: Collection[str], *, upto: Record | None) -> list[Section]:
    about = [e for e in reading.entries if e.subject in refs and e.event in DID]
    if upto is not None:
        about = [e for e in about if e.sealed_at <= upto.sealed_at]
    images = {entry.payload.get("image") for entry in about} - {None}
    origins = [e for e in reading.ever("image.ingested") if e.payload["sop_uid"] in images]
    return [_step(entry, reading) for entry in [*origins, *about][-MOST_STEPS:]]


def _step(entry: Record, reading: Reading) -> Section:
    did = DID[entry.event]
    if entry.event == "workflow.transition":
        did = (
            f"Reading moved from {entry.payload['previous_state']} to {entry.payload['state']}"
        )
    if entry.event == "review.submitted":
        did = f"{did}: {entry.payload['decision']}"
    return {
        "at": second(entry.at),
        "who": reading.name(entry.actor),
        "what": did.replace("_", " "),
        "entry": reading.ref(entry),
        "hash": entry.hash,
    }


# Path, media type, what it is, and where its hash stands.
FILES = (
    (
        "report.pdf",
        "application/pdf",
        "This report, for people",
        "in the report.generated entry; these pages cannot hold it",
    ),
    (
        "report.json",
        "application/json",
        "This report, for machines; also attached to the PDF",
        "the report hash in every page header",
    ),
)


def annex(entries: int) -> Section:
    """Return the files of this report and the steps by which anybody can check it."""
    return {
        "files": [
            {
                "path": path,
                "media_type": media_type,
                "what": what,
                "bytes": None,
                "sha256": None,
                "sha256_is": where,
            }
            for path, media_type, what, where in FILES
        ],
        "steps": [
            {
                "do": "Take the attachment report.json out of the PDF and hash it. It is the"
                " hash printed in every page header, and in the report.generated entry.",
                "command": "sha256sum report.json",
                "expect": "@report_sha256",
            },
            {
                "do": "Have the whole record recomputed on the installation itself, and the"
                " tables compared with it.",
                "command": "python manage.py verify_ledger --json",
                "expect": f"integrity ok for each stream; at least {entries} entries in all",
            },
            {
                "do": "Compare any number in this report with the entries it names: open them"
                " in the application by their number.",
                "expect": "The entry, its hash, who, when and why.",
            },
        ],
        "withheld": [],
    }
