"""What can happen to periods, legal holds, erasures and subjects' keys."""

from dataclasses import dataclass

import ledger


@dataclass(frozen=True, kw_only=True)
class ScheduledClass:
    """One class of the retention schedule as it is in force for the organisation."""

    key: str
    title: str
    years: int
    trigger: str
    basis: str
    events: tuple[str, ...]


class RetentionSchedulePublished(ledger.Event, name="retention.schedule_published"):
    """From here on every kind of record is kept for these periods."""

    classes: tuple[ScheduledClass, ...]


class RetentionPeriodSet(ledger.Event, name="retention.period_set"):
    """A longer period than the minimum was chosen, for the organisation or one project."""

    class_key: str
    years: int
    previous_years: int
    minimum_years: int


class LegalHoldPlaced(ledger.Event, name="legal_hold.placed"):
    """Something must not be erased until the hold is lifted; the entry's reason says why."""

    covers: str  # stream, subject or period
    subject_ref: str
    first_day: str | None
    last_day: str | None


class LegalHoldLiftRequested(ledger.Event, name="legal_hold.lift_requested"):
    """One person asked that a hold be lifted; it stands until another person does."""

    covers: str


class LegalHoldLifted(ledger.Event, name="legal_hold.lifted"):
    """A second person lifted a hold; from here on the periods alone decide."""

    covers: str
    requested_by: str
    lifted_by: str


class ErasureRequested(ledger.Event, name="erasure.requested"):
    """A person asked, and signed, that entries or a subject's key go: the sealed request."""

    record_id: str
    version: int
    content_hash: str
    kind: str
    entries: int
    is_duty: bool
    basis: str


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """One entry as it was weighed at approval; `due` is None while its period has not begun."""

    seq: int
    commitment: str
    event: str
    class_key: str
    due: str | None


class ErasureApproved(ledger.Event, name="erasure.approved"):
    """A second person approved, and signed, an erasure; `weighed` says what was due when."""

    request: str
    content_hash: str
    requested_by: str
    approved_by: str
    is_duty: bool
    basis: str
    weighed: tuple[Weighed, ...]


class ErasureDeclined(ledger.Event, name="erasure.declined"):
    """A second person declined an erasure, or whoever asked withdrew it; nothing went."""

    request: str
    content_hash: str
    declined_by: str


class ErasureCarriedOut(ledger.Event, name="erasure.carried_out"):
    """An approved erasure was carried out: these entries are blank, or the key is gone."""

    request: str
    content_hash: str
    entries: int
    first_position: int | None
    last_position: int | None


class SubjectKeyDestroyed(ledger.Event, name="subject_key.destroyed"):
    """The key of a subject was destroyed: whatever was encrypted under it cannot be read.

    `key` is its public name.  `method` and `verification` follow NIST SP 800-88r2.
    """

    subject_ref: str
    key: str
    method: str
    verification: str
    images: int
    snapshots: tuple[str, ...]
    approved_by: tuple[str, ...]
    basis: str
