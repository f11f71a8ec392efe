"""What the record shows about readings, reviews and datasets; queries over entries alone."""

from collections import Counter
from collections.abc import Iterable, Iterator

import ledger
from accounts.events.people import UserCreated
from accounts.events.signing import SignatureApplied
from annotations.events import (
    AnnotationCreated,
    AnnotationModified,
    AnnotationRetired,
    AssignmentMade,
    DatasetExported,
    DatasetSnapshotFrozen,
    ImageIngested,
    ImportDeduplicated,
    ImportRejected,
    ProtocolPublished,
    ReviewSubmitted,
    UploadScanned,
    WorkflowTransition,
)

CHANGES = frozenset({AnnotationModified.name, AnnotationRetired.name})
REVISIONS = CHANGES | {AnnotationCreated.name}
ADMINISTRATOR = "administrator"
# The permitted sequence, written down a second time: this must not follow the code it checks.
PERMITTED = {
    "draft": {"submitted"},
    "submitted": {"in_review", "rejected"},
    "in_review": {"in_review", "accepted", "corrected_and_accepted", "rejected"},
    "rejected": {"draft"},
    "accepted": {"draft"},
    "corrected_and_accepted": {"draft"},
}

Entries = Iterable[ledger.Record]
Findings = Iterator[ledger.Finding]


def _finding(entry: ledger.Record, reason: str) -> ledger.Finding:
    return ledger.Finding(entry.sequence, reason, entry.stream)


@ledger.control("reason_present", title="Every change says why", judges=CHANGES)
def reason_present(entries: Entries) -> Findings:
    """Each change and each retirement of an annotation carries a reason (11.10(e))."""
    for entry in entries:
        if entry.event in CHANGES and not (entry.reason or entry.payload["reason_code"]):
            yield _finding(entry, "changed an annotation without a reason")


@ledger.control(
    "separation_of_duties",
    title="Nobody judges their own work",
    judges={ReviewSubmitted.name, SignatureApplied.name},
)
def separation_of_duties(entries: Entries) -> Findings:
    """Who was asked to read neither reviews nor signs that reading; no administrator signs."""
    annotators: dict[str, str] = {}
    for entry in entries:
        if entry.event == AssignmentMade.name:
            annotators[entry.payload["item"]] = entry.payload["annotator"]
        elif entry.event == ReviewSubmitted.name:
            if annotators.get(entry.payload["item"]) == entry.actor:
                yield _finding(entry, "reviewed the annotator's own reading")
        elif entry.event == SignatureApplied.name:
            if annotators.get(entry.subject) == entry.actor:
                yield _finding(entry, "was signed by the reading's own annotator")
            of_readings = entry.subject.startswith("annotations.")
            if of_readings and ADMINISTRATOR in (entry.role or "").split("+"):
                yield _finding(entry, "was signed by an administrator")


@ledger.control(
    "workflow_sequence",
    title="Every reading took the permitted steps",
    judges={WorkflowTransition.name},
)
def workflow_sequence(entries: Entries) -> Findings:
    """Replayed from its first step, no reading skips one or loses a version (11.10(f))."""
    states: dict[str, str] = {}
    versions: dict[str, int] = {}
    for entry in entries:
        if entry.event != WorkflowTransition.name:
            continue
        said, item = entry.payload, entry.subject
        if said["previous_state"] != states.get(item, "draft"):
            yield _finding(entry, "starts from a state in which the reading was not")
        elif said["state"] not in PERMITTED.get(said["previous_state"], ()):
            yield _finding(entry, f"goes from {said['previous_state']} to {said['state']}")
        elif said["item_version"] != versions.get(item, said["item_version"] - 1) + 1:
            yield _finding(entry, "skips a version of the reading")
        states[item], versions[item] = said["state"], said["item_version"]


@ledger.control(
    "authorship_complete",
    title="Every frozen annotation has a named author",
    judges={DatasetSnapshotFrozen.name},
)
def authorship_complete(entries: Entries) -> Findings:
    """Before a dataset is frozen, each revision in its stream was made by a named person."""
    named: set[str] = set()
    nameless: dict[str, list[ledger.Record]] = {}
    for entry in entries:
        if entry.event == UserCreated.name and entry.payload["printed_name"]:
            named.add(entry.subject)
        elif entry.event in REVISIONS and entry.actor not in named:
            nameless.setdefault(entry.stream, []).append(entry)
        elif entry.event == DatasetSnapshotFrozen.name:
            for revision in nameless.pop(entry.stream, []):
                yield _finding(revision, "was frozen although no named person made it")


@ledger.control(
    "change_after_freeze",
    title="What is frozen stays as it is",
    judges={DatasetSnapshotFrozen.name},
)
def change_after_freeze(entries: Entries) -> Findings:
    """No snapshot changes after its freeze; every export of it names the same manifest."""
    frozen: dict[str, str] = {}
    for entry in entries:
        if entry.event in {DatasetSnapshotFrozen.name, DatasetExported.name}:
            snapshot, manifest = entry.payload["snapshot_id"], entry.payload["manifest_hash"]
            if frozen.setdefault(snapshot, manifest) != manifest:
                yield _finding(entry, "names another content for a frozen dataset")


@ledger.control(
    "protocol_before_reading",
    title="The protocol was published before it was read by",
    judges={AnnotationCreated.name},
)
def protocol_before_reading(entries: Entries) -> Findings:
    """Each annotation comes after a published protocol in its project."""
    published: set[str] = set()
    for entry in entries:
        if entry.event == ProtocolPublished.name:
            published.add(entry.stream)
        elif entry.event == AnnotationCreated.name and entry.stream not in published:
            yield _finding(entry, "was made before a protocol was published")


@ledger.control(
    "missing_data_accounted",
    title="Every file that was sent is accounted for",
    judges={UploadScanned.name},
)
def missing_data_accounted(entries: Entries) -> Findings:
    """Files taken in, held back, known and refused with a reason add up to those sent."""
    refused: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for entry in entries:
        said = entry.payload
        if entry.event == ImportRejected.name:
            refused[said["batch"]] += bool(said["reason_code"])
        elif entry.event == ImportDeduplicated.name:
            known[said["batch"]] += 1
        elif entry.event == UploadScanned.name:
            outcomes = ("imported", "quarantined", "duplicate", "rejected")
            if said["files"] != sum(said[outcome] for outcome in outcomes):
                yield _finding(entry, "leaves files without an outcome")
            if said["rejected"] != refused[said["batch"]]:
                yield _finding(entry, "counts other refusals than were recorded with a reason")
            if said["duplicate"] != known[said["batch"]]:
                yield _finding(entry, "counts other duplicates than were recorded")


@ledger.control(
    "deid_method_declared",
    title="What leaves says how it was de-identified",
    judges={DatasetExported.name},
)
def deid_method_declared(entries: Entries) -> Findings:
    """Each image taken in before an export names the profile and the table it went through."""
    undeclared: dict[str, list[ledger.Record]] = {}
    for entry in entries:
        if entry.event == ImageIngested.name:
            said = entry.payload
            if not (said["profile"] and said["table_sha256"] and said["table_edition"]):
                undeclared.setdefault(entry.stream, []).append(entry)
        elif entry.event == DatasetExported.name:
            for image in undeclared.pop(entry.stream, []):
                yield _finding(image, "was exported without a declared method")
