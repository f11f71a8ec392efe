"""What can happen to courses, to who must know them, and to who does."""

import ledger


class CourseAdded(ledger.Event, name="training.course_added", calls="title"):
    """A course was put on the list; what it teaches stands in its versions."""

    course_id: str
    title: str


class CourseVersionPublished(ledger.Event, name="training.version_published"):
    """A version of a course was published, with its document, pass mark and validity."""

    course_id: str
    version_id: str
    title: str
    version: int
    document_hash: str | None  # SHA-256 of the teaching file, where there is one
    pass_mark: int  # of 100
    validity_days: int | None  # None: for good


class TrainingRequired(ledger.Event, name="training.required"):
    """A project asks its people for a version of a course, or a newer one."""

    requirement_id: str
    project: str
    course: str
    title: str
    version: int
    role: str | None  # None: everybody who works on images
    from_protocol: int  # 0: whatever the protocol
    in_force: bool  # False: waits until that protocol version is published


class TrainingRequirementApplied(ledger.Event, name="training.requirement_applied"):
    """The protocol version came that a requirement waited for: it is in force from here on."""

    requirement_id: str
    project: str
    protocol_version: int


class TrainingRequirementEnded(ledger.Event, name="training.requirement_ended"):
    """A project no longer asks for this version; a newer one may have taken its place."""

    requirement_id: str
    project: str
    superseded_by: str | None


class TrainingCompleted(ledger.Event, name="training.completed"):
    """A person passed a version of a course."""

    completion_id: str
    person_id: str
    course: str
    title: str
    version: int
    score: int  # of 100
    pass_mark: int
    done_on: str
    expires: str | None  # the last day it holds
    trainer: str
    evidence_hash: str | None


class TrainingFailed(ledger.Event, name="training.failed"):
    """A person tried a version of a course and stayed below its pass mark."""

    completion_id: str
    person_id: str
    course: str
    title: str
    version: int
    score: int
    pass_mark: int
    done_on: str
    trainer: str
    evidence_hash: str | None


class TrainingWithdrawn(ledger.Event, name="training.withdrawn"):
    """A completion was recorded in error and counts no longer; what was recorded stays."""

    completion_id: str
    person_id: str
