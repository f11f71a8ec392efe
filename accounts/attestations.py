"""Attest what software cannot see: a statement, on grounds, signed by a named person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import paper_signing
from accounts.clauses import clauses
from accounts.errors.attestations import AttestationFactsError, AttestationSignedError
from accounts.events.attestations import AttestationRecorded
from accounts.models import Attestation, Membership, User
from accounts.models.data_permission import today
from accounts.owed import Owed, declared
from accounts.permissions import require_organisation_permission

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from accounts.clauses import Clause
    from accounts.signing import Confirmation, SignedItem

PERMISSION = "attest"
MEANING = "responsibility"
STATEMENT = "I have looked into this myself, and I vouch for it until the day given."
LONGEST = timedelta(days=3 * 366)
SOON = timedelta(days=30)
Answer = Attestation.Answer


@dataclass(frozen=True, kw_only=True)
class Word:
    """What somebody is about to vouch for: on what grounds, until when, who renews it."""

    answer: str
    statement: str
    grounds: str
    evidence_hash: str
    expires: date
    owner: User


@transaction.atomic
def prepare(clause: str, *, word: Word, by: User) -> Attestation:
    """Store what `by` is about to sign about `clause`; until then it binds nobody.

    Raises PermissionDenied or AttestationFactsError.
    """
    require_organisation_permission(by, PERMISSION)

    found = clauses().get(clause)
    if found is None:
        raise AttestationFactsError("There is no such clause; choose one of the list.")
    _require_word(found, word)

    said = Attestation(
        pk=uuid.uuid4(),
        catalogue=found.catalogue,
        clause_id=found.id,
        answer=str(word.answer),
        statement=word.statement,
        statement_hash=ledger.sha256_hex(word.statement.encode()),
        grounds=word.grounds.strip(),
        evidence_hash=word.evidence_hash,
        expires=word.expires,
        owner=word.owner,
        attestor=by,
        prepared_at=timezone.now(),
    )
    said.content_hash = ledger.sha256_hex(ledger.canonical(said.content))
    said.save(force_insert=True)
    return said


def _require_word(clause: Clause, word: Word) -> None:
    if word.answer not in Answer.values:
        raise AttestationFactsError("Say whether it holds, or that it does not apply.")
    voids = word.answer == Answer.NOT_APPLICABLE
    if word.statement not in ((clause.text,) if voids else clause.statements):
        raise AttestationFactsError("Choose a statement of this clause.")
    if not word.grounds.strip():
        raise AttestationFactsError("Say on what grounds, in a few words.")
    if not today() <= word.expires <= today() + LONGEST:
        raise AttestationFactsError("It ends between today and three years from now.")
    if not word.owner.is_active:
        raise AttestationFactsError("Name somebody whose access is open to renew it.")


def signed_item(said: Attestation) -> SignedItem:
    """Return what the signature binds."""
    return paper_signing.item_of(said.ledger_ref, said.content_hash)


@transaction.atomic
def attest(said: Attestation, *, by: User, confirmation: Confirmation) -> Attestation:
    """Record that `by` vouches for `said`, which they prepared and were shown.

    Raises PermissionDenied, AttestationSignedError, OtherPaperError or SigningExpiredError.
    """
    require_organisation_permission(by, PERMISSION)

    said = Attestation.objects.select_for_update(of=("self",)).get(pk=said.pk)
    if said.signed_at or said.attestor_id != by.pk:
        raise AttestationSignedError
    paper_signing.require_signed(confirmation, signed_item(said), by=by)

    said.signed_at = timezone.now()
    said.save(update_fields=["signed_at"])

    event = AttestationRecorded(
        record_id=said.ledger_ref,
        version=1,  # a signature names a record, its version and its content
        catalogue=said.catalogue,
        clause_id=said.clause_id,
        answer=said.answer,
        statement_hash=said.statement_hash,
        content_hash=said.content_hash,
        evidence_hash=said.evidence_hash,
        attestor=by.printed_name,
        attestor_role=_role(by),
        owner=said.owner.ledger_ref,
        expires=str(said.expires),
    )
    ledger.append(event, actor=by, subject=said, reason=said.grounds)
    ledger.append(confirmation.event(), actor=by, subject=said)
    return said


def _role(by: User) -> str:
    """Return the roles that let `by` attest, as the report prints them."""
    held = Membership.objects.current().filter(user=by).values_list("role", flat=True)
    return ", ".join(sorted({str(role).replace("_", " ") for role in held}))


def newest() -> QuerySet[Attestation]:
    """Return the newest signed word on each statement."""
    signed = Attestation.objects.filter(signed_at__isnull=False).select_related(
        "owner", "attestor"
    )
    which = ("catalogue", "clause_id", "answer", "statement_hash")
    return signed.order_by(*which, "-signed_at").distinct(*which)


@declared
def owed(user: User, _roles: frozenset[str]) -> Iterator[Owed]:
    """Yield each attestation that the person renews and that ends soon, or has ended."""
    mine = set(user.owned_attestations.values_list("pk", flat=True))
    for said in newest() if mine else ():
        if said.pk in mine and said.expires <= today() + SOON:
            yield Owed(
                title=f"Renew the attestation on {said.clause_id}",
                due=said.expires,
                page="accounts:attestation",
                key=str(said.pk),
            )
