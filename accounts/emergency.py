"""Break the glass: one subject, read only, an hour, signed; a second person reviews it.

`prepare` writes down what is asked and why; the person signs exactly that (`accounts.signing`:
a fresh authentication, counted and once), and `invoke` opens it.  What is opened is asked with
`require_open` at every request, by the server's clock.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

import ledger
from accounts import alerts, subjects
from accounts.errors.base import ReasonMissingError
from accounts.errors.emergency import (
    EmergencyOverError,
    EmergencyReasonError,
    EmergencyStateError,
    NoSuchSubjectError,
    OwnEmergencyError,
)
from accounts.errors.retention import SubjectUnknownError
from accounts.events.emergency import (
    EmergencyAccessEnded,
    EmergencyAccessInvoked,
    EmergencyAccessReviewed,
)
from accounts.models import Alert, EmergencyAccess, Project, Session, User
from accounts.models.emergency import LASTS, REVIEW_WITHIN
from accounts.permissions import require_organisation_permission, stewarded
from accounts.signing import Confirmation, SignedItem

SHORTEST_REASON = 15
STATEMENT = (
    "I open this subject's images in an emergency. I read only what the emergency needs; "
    "a second person reviews it."
)


@transaction.atomic
def prepare(
    slug: str, code: str, *, by: User, session: Session, reason: str
) -> EmergencyAccess:
    """Write down whose images `by` asks for, and why, for them to sign; nothing opens yet.

    Raises PermissionDenied, EmergencyReasonError or NoSuchSubjectError.
    """
    require_organisation_permission(by, "break_glass")

    if len(reason.strip()) < SHORTEST_REASON:
        raise EmergencyReasonError
    project, ref, title = _subject(slug.strip(), code.strip())

    key = uuid.uuid4()
    content = _content(key, project, ref, by=by, session=session, reason=reason.strip())
    return EmergencyAccess.objects.create(
        pk=key,
        person=by,
        project=project,
        subject_ref=ref,
        subject_title=title,
        reason=reason.strip(),
        content=content.decode(),
        content_hash=ledger.sha256_hex(content),
        session=session,
        prepared_at=timezone.now(),
    )


def _subject(slug: str, code: str) -> tuple[Project, str, str]:
    """Return project, reference and title of a subject that is there to be opened."""
    project = Project.objects.filter(slug=slug).first()
    ref = subjects.found(project, code) if project else None
    if project is None or ref is None:
        raise NoSuchSubjectError
    try:
        return project, ref, subjects.described(ref).title
    except SubjectUnknownError:  # erased: there is nothing to open
        raise NoSuchSubjectError from None


def _content(
    key: uuid.UUID, project: Project, ref: str, *, by: User, session: Session, reason: str
) -> bytes:
    return ledger.canonical(
        {
            "schema": "emergency.access/1",
            "record_id": f"accounts.emergency_access:{key}",
            "stream": str(project.pk),
            "subject": ref,
            "reason": reason,
            "seconds": int(LASTS.total_seconds()),
            "person": by.ledger_ref,
            "session": str(session.pk),
        }
    )


def signed_item(access: EmergencyAccess) -> SignedItem:
    """Return what a signature of this emergency binds: what is asked, and that it was shown."""
    view = {
        "schema": "display.view/1",
        "record_id": access.ledger_ref,
        "version": 1,
        "content_hash": access.content_hash,
        "pixel_sha256": [],
        "labels": [],
        "window": [],
    }
    return SignedItem(
        record_id=access.ledger_ref,
        version=1,
        content_hash=access.content_hash,
        displayed_hash=ledger.sha256_hex(ledger.canonical(view)),
    )


@transaction.atomic
def invoke(
    access: EmergencyAccess, *, by: User, session: Session, confirmation: Confirmation
) -> EmergencyAccess:
    """Open what was signed, in this session alone, from now on for an hour; raise an alert.

    Raises PermissionDenied, EmergencyStateError or SigningExpiredError; then nothing opens.
    """
    require_organisation_permission(by, "break_glass")

    access = _locked(access)
    mine = access.person_id == by.pk and access.session_id == session.pk
    intact = ledger.sha256_hex(access.content.encode()) == access.content_hash
    signed = list(confirmation.items) == [signed_item(access)]
    if not (mine and intact and signed and confirmation.signer == by.ledger_ref):
        raise EmergencyStateError
    if access.started_at is not None:
        raise EmergencyStateError

    access.started_at = timezone.now()
    access.ends_at = access.started_at + LASTS
    access.save(update_fields=["started_at", "ends_at"])

    alerts.raise_(Alert.Kind.BREAK_GLASS, about=access.ledger_ref)
    for event in (_invoked(access), confirmation.event()):
        ledger.append(event, actor=by, subject=access, reason=access.reason)
    return access


def require_open(pk: uuid.UUID, *, session: Session) -> EmergencyAccess:
    """Return the emergency access if it is open to this session now.

    Raises EmergencyOverError.
    """
    now = timezone.now()
    rows = EmergencyAccess.objects.open_in(session, now).select_related("project")
    access = rows.filter(pk=pk).first()
    if access is None:
        raise EmergencyOverError
    return access


@transaction.atomic
def give_back(access: EmergencyAccess, *, by: User) -> None:
    """End it before its hour is over.

    Raises EmergencyOverError; then nothing is recorded.
    """
    access = _locked(access)
    now = timezone.now()
    is_over = access.ends_at is None or access.ends_at <= now or access.ended_at
    if is_over or access.person_id != by.pk:
        raise EmergencyOverError

    access.ended_at = now
    access.save(update_fields=["ended_at"])

    ledger.append(EmergencyAccessEnded(record_id=access.ledger_ref), actor=by, subject=access)


@transaction.atomic
def review(access: EmergencyAccess, *, by: User, outcome: str, reason: str) -> None:
    """Say, as a second person, whether it was justified.

    Raises PermissionDenied, OwnEmergencyError, EmergencyStateError or ReasonMissingError;
    then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "review_emergency")
    if not stewarded(by).filter(pk=access.project_id).exists():
        raise PermissionDenied("You review what was opened in your own projects.")

    access = _locked(access)
    if access.person_id == by.pk:
        raise OwnEmergencyError
    if access.started_at is None or access.reviewed_at is not None:
        raise EmergencyStateError
    if not reason.strip() or outcome not in EmergencyAccess.Outcome.values:
        raise ReasonMissingError

    now = timezone.now()
    access.reviewed_by, access.reviewed_at = by, now
    access.outcome, access.outcome_reason = outcome, reason.strip()
    access.save(update_fields=["reviewed_by", "reviewed_at", "outcome", "outcome_reason"])

    ledger.append(
        EmergencyAccessReviewed(
            record_id=access.ledger_ref,
            content_hash=access.content_hash,
            invoked_by=access.person.ledger_ref,
            reviewed_by=by.ledger_ref,
            outcome=str(outcome),
            late=now > access.started_at + REVIEW_WITHIN,
        ),
        actor=by,
        subject=access,
        reason=access.outcome_reason,
    )


def _locked(access: EmergencyAccess) -> EmergencyAccess:
    rows = EmergencyAccess.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("person", "project").get(pk=access.pk)


def _invoked(access: EmergencyAccess) -> EmergencyAccessInvoked:
    assert access.ends_at is not None
    assert access.review_due_at is not None
    return EmergencyAccessInvoked(
        record_id=access.ledger_ref,
        version=1,
        content_hash=access.content_hash,
        person_id=str(access.person_id),
        about=access.subject_ref,
        session_id=str(access.session_id),
        ends=_time(access.ends_at),
        review_due=_time(access.review_due_at),
    )


def _time(moment: datetime) -> str:
    """Return TIME of formats.md: UTC, six decimals, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
