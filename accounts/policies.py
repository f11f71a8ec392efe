"""Policies: published by version, acknowledged by signature; a new version asks again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import paper_signing
from accounts.errors.policies import (
    AcknowledgedError,
    NotInForceError,
    PolicyFactsError,
    PolicyUnchangedError,
)
from accounts.events.policies import (
    PolicyAcknowledged,
    PolicyPublished,
    WorkstationPolicyAcknowledged,
)
from accounts.models import Acknowledgement, Policy, PolicyVersion, Role, User
from accounts.models.data_permission import today
from accounts.owed import Owed, declared
from accounts.permissions import require_organisation_permission, roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from accounts.signing import Confirmation, SignedItem

LONGEST_DUE = 365
STATEMENT = "I have read this version, I know what it asks of me, and I work by it."
MEANING = "responsibility"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a new version says, from when on, and which roles acknowledge it until when."""

    text: str = ""
    document_hash: str = ""
    valid_from: date
    due_days: int
    roles: tuple[str, ...]


@transaction.atomic
def publish(*, title: str, kind: str, draft: Draft, by: User) -> PolicyVersion:
    """Publish the next version of the policy `title`, or its first.

    Raises PermissionDenied, PolicyFactsError or PolicyUnchangedError; then nothing is
    published.
    """
    require_organisation_permission(by, "manage_policies")

    title = title.strip()
    _require_facts(title, kind, draft)
    policy, _ = Policy.objects.get_or_create(title=title, defaults={"kind": kind})
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    newest = policy.versions.order_by("-number").first()
    if newest and (newest.text, newest.document_hash) == (draft.text, draft.document_hash):
        raise PolicyUnchangedError
    if newest and draft.valid_from < newest.valid_from:
        raise PolicyFactsError("It cannot begin before the version that it replaces.")

    version = PolicyVersion(
        policy=policy,
        number=newest.number + 1 if newest else 1,
        published_by=by,
        published_at=timezone.now(),
        **vars(draft) | {"roles": sorted(draft.roles)},
    )
    version.content_hash = ledger.sha256_hex(ledger.canonical(version.content))
    version.save(force_insert=True)

    ledger.append(_published(version), actor=by, subject=version)
    return version


def _published(version: PolicyVersion) -> PolicyPublished:
    return PolicyPublished(
        record_id=version.ledger_ref,
        version=version.number,
        content_hash=version.content_hash,
        title=version.policy.title,
        kind=version.policy.kind,
        document_hash=version.document_hash,
        valid_from=str(version.valid_from),
        due_days=version.due_days,
        roles=tuple(version.roles),
    )


def _require_facts(title: str, kind: str, draft: Draft) -> None:
    if not title or kind not in Policy.Kind.values:
        raise PolicyFactsError("Give the policy a title and say what it is about.")
    if not draft.text.strip() and not draft.document_hash:
        raise PolicyFactsError("Write what it says, or give the document.")
    if not draft.roles or set(draft.roles) - set(Role.values):
        raise PolicyFactsError("Say which roles acknowledge it.")
    if not 0 <= draft.due_days <= LONGEST_DUE:
        raise PolicyFactsError("Give between 0 and 365 days to acknowledge it.")


def in_force() -> list[PolicyVersion]:
    """Return the version of each policy that holds today, by title."""
    begun = PolicyVersion.objects.filter(valid_from__lte=today()).select_related("policy")
    newest = begun.order_by("policy_id", "-number").distinct("policy_id")
    return sorted(newest, key=lambda version: version.policy.title)


def signed_item(version: PolicyVersion) -> SignedItem:
    """Return what an acknowledgement of `version` binds."""
    return paper_signing.item_of(
        version.ledger_ref, version.content_hash, version=version.number
    )


@transaction.atomic
def acknowledge(
    version: PolicyVersion, *, by: User, confirmation: Confirmation
) -> Acknowledgement:
    """Record that `by` signed to know `version`, which is in force.

    Raises NotInForceError, OtherPaperError, AcknowledgedError or SigningExpiredError.
    """
    Policy.objects.select_for_update().get(pk=version.policy_id)
    if version.pk not in {each.pk for each in in_force()}:
        raise NotInForceError(version.policy.title)
    paper_signing.require_signed(confirmation, signed_item(version), by=by)
    if version.acknowledgements.filter(user=by).exists():
        raise AcknowledgedError

    said = Acknowledgement.objects.create(version=version, user=by, at=timezone.now())

    facts: dict[str, Any] = {
        "record_id": version.ledger_ref,
        "version": version.number,
        "content_hash": version.content_hash,
        "person_id": str(by.pk),
    }
    events: list[ledger.Event] = [
        PolicyAcknowledged(title=version.policy.title, **facts),
        confirmation.event(),
    ]
    if version.policy.kind == Policy.Kind.MOBILE:
        events.insert(1, WorkstationPolicyAcknowledged(**facts))
    ledger.append_many([(event, version) for event in events], actor=by)
    return said


def waiting(user: User, roles: frozenset[str] | None = None) -> list[PolicyVersion]:
    """Return what is in force, concerns a role of `user` and waits for the signature."""
    held = roles_of(user) if roles is None else roles
    known = set(Acknowledgement.objects.filter(user=user).values_list("version", flat=True))
    return [
        version
        for version in in_force()
        if held & set(version.roles) and version.pk not in known
    ]


@declared
def owed(user: User, roles: frozenset[str]) -> Iterator[Owed]:
    """Yield each policy that waits for the person's signature."""
    for version in waiting(user, roles):
        yield Owed(
            title=f"Acknowledge “{version.policy.title}”, version {version.number}",
            due=version.due_on,
            page="accounts:policy",
            key=str(version.pk),
        )
