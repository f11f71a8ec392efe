"""What can happen to images, annotations and datasets: what the record will say."""

import ledger


class ImportStarted(ledger.Event, name="import.started"):
    """Somebody began to send files; `listed` is how many they announced."""

    batch: str
    listed: int


class UploadScanned(ledger.Event, name="upload.scanned"):
    """Every file of an import was opened in a closed process and has one outcome."""

    batch: str
    files: int
    imported: int
    quarantined: int
    duplicate: int
    rejected: int


class DatasetDeidentified(ledger.Event, name="dataset.deidentified"):
    """The images of an import were de-identified by this table, profile and key."""

    batch: str
    images: int
    quarantined: int
    table_edition: str
    table_sha256: str
    profile: str
    options: tuple[str, ...]
    key_id: str


class ImageIngested(ledger.Event, name="image.ingested"):
    """An image was de-identified, checked and stored encrypted; it can be assigned from now on.

    UIDs are the de-identified ones, `input_digest` is keyed, `content_hash` is over the facts
    that the table of images must hold.
    """

    record_id: str
    version: int
    content_hash: str
    file: str
    batch: str
    subject_code: str
    series: str
    study_uid: str
    series_uid: str
    sop_uid: str
    form: str
    frames: int
    input_digest: str
    file_sha256: str
    pixel_hash: str
    pixel_decision: str
    table_edition: str
    table_sha256: str
    profile: str
    options: tuple[str, ...]
    key_id: str
    counts: dict[str, int]


class ImageQuarantined(ledger.Event, name="image.quarantined"):
    """An image is held back: its header is cleaned, its pixels may show who the patient is."""

    file: str
    batch: str
    reason_code: str
    form: str
    input_digest: str
    file_sha256: str
    pixel_hash: str
    table_edition: str
    table_sha256: str
    profile: str
    options: tuple[str, ...]
    key_id: str
    counts: dict[str, int]


class QuarantineDecided(ledger.Event, name="quarantine.decided"):
    """A person decided about a held image; the entry's reason says why."""

    file: str
    version: int
    previous_version: int
    decision: str
    held_for: str
    input_digest: str
    file_sha256: str
    pixel_hash: str
    image: str | None


class ImportDeduplicated(ledger.Event, name="import.deduplicated"):
    """A file held an image that is here already; it was not stored a second time."""

    file: str
    batch: str
    reason_code: str
    input_digest: str
    same_as: str


class ImportRejected(ledger.Event, name="import.rejected"):
    """A file was not taken in; nothing of it was kept.  It stays in the count."""

    file: str
    batch: str
    number: int
    reason_code: str
    input_digest: str


class SeriesArranged(ledger.Event, name="series.arranged"):
    """The images of a series were put in spatial order; what is shown follows this order."""

    record_id: str
    version: int
    content_hash: str
    images: int
    frames: int
    plane: str
    is_volume: bool
    slice_spacing: str


class ImageViewed(ledger.Event, name="image.viewed"):
    """Somebody opened a series, once for each session."""

    study_uid: str
    series_uid: str
    images: int
    form: str
    purpose: str


class ProtocolPublished(ledger.Event, name="protocol.published"):
    """A version of the project's protocol was sealed: what annotators are asked to mark."""

    record_id: str
    version: int
    content_hash: str
    title: str
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


class DatasetSnapshotFrozen(ledger.Event, name="dataset.snapshot_frozen", urgent=True):
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
