"""May these patients' data be used for this?  One function answers, and refuses in words.

Import and annotation ask for "annotation", freezing for "dataset", exports for "sharing".
A paper covers a whole collection or one subject.  A subject who withdrew is covered again
only by a paper about that subject, recorded since.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

import ledger
from accounts import subjects
from accounts.errors.base import ReasonMissingError
from accounts.errors.data_permissions import (
    NotPermittedError,
    PermissionFactsError,
    PermissionWithdrawnError,
)
from accounts.events.data_permissions import PermissionRecorded, PermissionWithdrawn
from accounts.models import DataPermission, Project, SubjectWithdrawal, User
from accounts.permissions import has_permission, is_steward
from accounts.roles import SETUP

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from uuid import UUID

SHORTEST_REASON = 3
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
Purpose = DataPermission.Purpose
PURPOSES = tuple(str(each) for each in Purpose)


class Named(Protocol):
    """A subject: its reference in the record, and what people call it here."""

    @property
    def ledger_ref(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a paper says: on what basis, who approved, on what terms, for what, how long."""

    basis: str
    basis_reference: str
    ethics_approval: str
    terms: str
    purposes: tuple[str, ...]
    valid_from: date
    expires_on: date
    document_hash: str


def is_keeper(user: User, project: Project) -> bool:
    """Tell whether `user` records and withdraws the project's permissions."""
    return has_permission(user, "import_images", project) or is_steward(user, project)


def require_keeper(user: User, project: Project) -> None:
    """Raise PermissionDenied unless `user` records and withdraws permissions here."""
    if not is_keeper(user, project):
        raise PermissionDenied(
            f"Your roles do not include keeping the data permissions of {project.name}."
        )


@transaction.atomic
def record(
    project: Project, *, facts: Facts, by: User | str, subject_ref: str = ""
) -> DataPermission:
    """Let `project` use its collection, or one subject, as `facts` say.

    `by` is a person, or "system:setup" where a project is set up from the command line.
    Raises PermissionDenied, PermissionFactsError or SubjectUnknownError; then nothing is
    recorded.
    """
    if isinstance(by, User):
        require_keeper(by, project)
    elif by != SETUP:
        raise ValueError(f"{by} records no permissions; only {SETUP} does, at set-up.")

    project = _locked(project)
    _require_facts(facts)
    if subject_ref:
        _require_subject(project, subject_ref)

    permission = DataPermission.objects.create(
        project=project,
        subject_ref=subject_ref,
        recorded_by=by if isinstance(by, str) else by.ledger_ref,
        recorded_at=timezone.now(),
        **asdict(facts) | {"purposes": list(facts.purposes)},
    )

    said = asdict(facts)
    said |= {name: str(said[name]) for name in ("valid_from", "expires_on")}
    ledger.append(
        PermissionRecorded(subject_ref=subject_ref, **said), actor=by, subject=permission
    )
    return permission


def _require_facts(facts: Facts) -> None:
    typed = (facts.basis_reference, facts.ethics_approval, facts.terms)
    if not all(text.strip() for text in typed):
        raise PermissionFactsError("Name the paper, the ethics approval and the terms of use.")
    if facts.basis not in DataPermission.Basis.values:
        raise PermissionFactsError("Choose consent, waiver or a published collection.")
    if not facts.purposes or set(facts.purposes) - set(PURPOSES):
        raise PermissionFactsError("Say what the data may be used for.")
    if facts.expires_on < facts.valid_from:
        raise PermissionFactsError("It ends before it begins; correct the days.")
    if not DIGEST.match(facts.document_hash):
        raise PermissionFactsError("Give the document's SHA-256: 64 characters 0-9 and a-f.")


def _require_subject(project: Project, ref: str) -> subjects.Described:
    """Return what the subject concerns; it is one of this project's, or there is none."""
    from accounts.errors.retention import SubjectUnknownError

    found = subjects.described(ref)
    if found.stream != str(project.pk):
        raise SubjectUnknownError
    return found


@transaction.atomic
def withdraw(permission: DataPermission, *, by: User, reason: str) -> DataPermission:
    """End `permission` at once: from the next request on it permits nothing.

    Raises PermissionDenied, ReasonMissingError or PermissionWithdrawnError.
    """
    require_keeper(by, permission.project)

    project = _locked(permission.project)
    permission = DataPermission.objects.select_for_update().get(pk=permission.pk)
    _require_reason(reason)
    if permission.withdrawn_at:
        raise PermissionWithdrawnError
    held = _snapshots(project, permission.subject_ref)

    _end(permission, by=by, reason=reason.strip())

    ledger.append(
        PermissionWithdrawn(covers="paper", subject_ref=permission.subject_ref, snapshots=held),
        actor=by,
        subject=permission,
        reason=reason.strip(),
    )
    return permission


@transaction.atomic
def withdraw_subject(
    project: Project, *, subject_ref: str, by: User, reason: str
) -> SubjectWithdrawal:
    """Close everything of one subject, whatever papers cover the collection.

    Raises PermissionDenied, ReasonMissingError, SubjectUnknownError or
    PermissionWithdrawnError where nothing covers the subject any more.
    """
    require_keeper(by, project)

    project = _locked(project)
    _require_reason(reason)
    held = _require_subject(project, subject_ref).snapshots
    own = list(
        project.data_permissions.standing().filter(subject_ref=subject_ref).select_for_update()
    )
    if project.subject_withdrawals.filter(subject_ref=subject_ref).exists() and not own:
        raise PermissionWithdrawnError

    withdrawal = SubjectWithdrawal.objects.create(
        project=project,
        subject_ref=subject_ref,
        reason=reason.strip(),
        withdrawn_by=by,
        withdrawn_at=timezone.now(),
    )
    for permission in own:
        _end(permission, by=by, reason=reason.strip())

    facts: dict[str, Any] = {"subject_ref": subject_ref, "snapshots": held}
    gone = PermissionWithdrawn(covers="subject", **facts)
    ended = PermissionWithdrawn(covers="paper", **facts)
    ledger.append_many(
        [(gone, withdrawal), *((ended, permission) for permission in own)],
        actor=by,
        reason=reason.strip(),
    )
    return withdrawal


def _end(permission: DataPermission, *, by: User, reason: str) -> None:
    permission.withdrawn_by, permission.withdrawn_at = by.ledger_ref, timezone.now()
    permission.withdraw_reason = reason
    permission.save(update_fields=["withdrawn_by", "withdrawn_at", "withdraw_reason"])


def _locked(project: Project) -> Project:
    """Lock the project: outcomes of imports, freezes and permissions come one by one."""
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError


def _snapshots(project: Project, subject_ref: str) -> tuple[str, ...]:
    return _require_subject(project, subject_ref).snapshots if subject_ref else ()


def is_permitted(project: Project | UUID, *, purpose: str, subject_ref: str = "") -> bool:
    """Tell whether a current paper permits `purpose`, by one question to the database."""
    return DataPermission.objects.covering(project, subject_ref, purpose).exists()


def require(project: Project, *, purpose: str, subject: Named | None = None) -> None:
    """Raise NotPermittedError, which says what is missing, without a current permission.

    `subject` is whose data are used; None asks about the collection as a whole.
    """
    ref = subject.ledger_ref if subject else ""
    if not is_permitted(project, purpose=purpose, subject_ref=ref):
        raise NotPermittedError(_missing(project, purpose, ref, called=str(subject or "")))


def require_any(project: Project, *, purpose: str) -> None:
    """Raise NotPermittedError unless some current paper of the project permits `purpose`."""
    if not project.data_permissions.current(purpose).exists():
        raise NotPermittedError(_missing(project, purpose, "", called=""))


def require_each(project: Project, *, purpose: str, of: Mapping[str, Named]) -> None:
    """Raise NotPermittedError unless each subject of `of`, by its reference, is covered."""
    current = project.data_permissions.current(purpose)
    own = set(current.filter(subject_ref__in=of).values_list("subject_ref", flat=True))
    bare = of.keys() - own
    if bare and current.filter(subject_ref="").exists():
        bare &= set(
            project.subject_withdrawals.filter(subject_ref__in=bare).values_list(
                "subject_ref", flat=True
            )
        )
    if bare:
        first = min(bare, key=lambda ref: str(of[ref]))
        more = f" The same holds for {len(bare) - 1} more." if len(bare) > 1 else ""
        missing = _missing(project, purpose, first, called=str(of[first]))
        raise NotPermittedError(f"{missing}{more}")


def withdrawn(project: Project, refs: Collection[str]) -> frozenset[str]:
    """Return which subjects withdrew and are covered by no paper of their own since."""
    gone = project.subject_withdrawals.filter(subject_ref__in=refs)
    own = project.data_permissions.standing().filter(subject_ref__in=refs)
    return frozenset(gone.values_list("subject_ref", flat=True)) - frozenset(
        own.values_list("subject_ref", flat=True)
    )


def _missing(project: Project, purpose: str, ref: str, *, called: str) -> str:
    """Say in one sentence what is missing and what to do about it."""
    whose = called or f"the collection of {project.name}"
    gone = project.subject_withdrawals.filter(subject_ref=ref).first() if ref else None
    if gone:
        return (
            f"The permission to use the data of {whose} was withdrawn on "
            f"{gone.withdrawn_at:%d %b %Y}; they stay closed unless a new one about "
            f"{whose} is recorded."
        )
    newest = project.data_permissions.filter(subject_ref__in=["", ref]).first()
    if newest is None:
        return (
            f"No data permission is on record for {project.name}. Record the consent basis or "
            "waiver with its ethics approval under Data permissions first."
        )
    return f"{_why(newest, purpose)} Record one that covers {whose} under Data permissions."


def _why(newest: DataPermission, purpose: str) -> str:
    if newest.withdrawn_at:
        return f"The data permission was withdrawn on {newest.withdrawn_at:%d %b %Y}."
    if newest.state == "expired":
        return f"The data permission expired on {newest.expires_on:%d %b %Y}."
    if newest.state == "to come":
        return f"The data permission begins on {newest.valid_from:%d %b %Y}."
    wanted = str(Purpose(purpose).label).lower()
    return f"The data permission does not cover “{wanted}”."
