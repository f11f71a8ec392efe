"""What can happen to images, annotations and datasets: what the record will say."""

import ledger


class ProtocolPublished(ledger.Event, name="protocol.published"):
    """A version of the project's protocol was sealed: what annotators are asked to mark."""

    record_id: str
    version: int
    content_hash: str
    name: str
    labels: tuple[str, ...]


class AssignmentMade(ledger.Event, name="assignment.made"):
    """One person was asked to read one series under one version of the protocol."""

    item: str
    series: str
    annotator: str
    protocol: str


class AnnotationCreated(ledger.Event, name="annotation.created"):
    """The first revision of an annotation was sealed."""

    record_id: str
    version: int
    content_hash: str
    item: str
    series: str
    image: str
    frame: int
    label: str
    tool: str
    source: str


class AnnotationModified(ledger.Event, name="annotation.modified"):
    """A new revision of an annotation was sealed; the one before stays as it was."""

    record_id: str
    version: int
    content_hash: str
    previous_version: int
    previous_hash: str
    reason_code: str
    item: str
    series: str
    image: str
    frame: int
    label: str
    tool: str
    source: str


class AnnotationRetired(ledger.Event, name="annotation.retired"):
    """An annotation was taken out of its reading by a sealed revision that says so."""

    record_id: str
    version: int
    content_hash: str
    previous_version: int
    previous_hash: str
    reason_code: str
    item: str
    series: str
    image: str
    frame: int
    label: str
    tool: str
    source: str


class ReviewSubmitted(ledger.Event, name="review.submitted"):
    """A second person decided about one version of a reading."""

    record_id: str
    version: int
    content_hash: str
    item: str
    item_version: int
    decision: str
    blinded: bool


class WorkflowTransition(ledger.Event, name="workflow.transition"):
    """A reading went from one state of the workflow to another."""

    previous_state: str
    state: str
    item_version: int
    nothing_to_mark: bool
    annotator: str
    reviewer: str | None
    series: str


class WorkflowTransitionRefused(ledger.Event, name="workflow.transition_refused"):
    """Somebody asked for a step that the workflow does not allow from where the reading is."""

    state: str
    item_version: int
    asked: str
    rule: str


class SignatureSuperseded(ledger.Event, name="signature.superseded"):
    """What was signed has changed since; the signature is kept and no longer current."""

    manifest_hash: str
    signer: str
    meaning: str
    cause: str


class DatasetSnapshotFrozen(ledger.Event, name="dataset.snapshot_frozen"):
    """Accepted work was frozen into a dataset whose manifest root commits to every member."""

    record_id: str
    version: int
    content_hash: str
    snapshot_id: str
    manifest_hash: str
    item_count: int
    split: dict[str, dict[str, int]]
    rule: str
    seed: str
    protocol_versions: tuple[int, ...]


class DatasetExported(ledger.Event, name="dataset.exported"):
    """A frozen dataset left in a file format; each file is named by its hash."""

    snapshot_id: str
    manifest_hash: str
    format: str
    files: dict[str, str]
    item_count: int
