"""Publish, acknowledge and attest as people do, for tests of what comes of it."""

from datetime import timedelta
from typing import Any

from accounts import attestations, paper_signing, policies, signing
from accounts.clauses import clauses
from accounts.models import Acknowledgement, Attestation, PolicyVersion, Role, User
from accounts.models.data_permission import today
from accounts.signing import Confirmation, SignedItem
from tests.factories import PASSWORD, make_administrator

D1 = "buyer_questions/BUYER-D1"


def publish(*, by: User | None = None, **facts: Any) -> PolicyVersion:
    """Publish a version that is in force since a month ago and was due a while ago."""
    given = {
        "text": "Screens are locked before anybody leaves the room.",
        "valid_from": today() - timedelta(days=30),
        "due_days": 14,
        "roles": (Role.ANNOTATOR.value,),
    }
    title = facts.pop("title", "Screens and rooms")
    kind = facts.pop("kind", "security")
    return policies.publish(
        title=title,
        kind=kind,
        draft=policies.Draft(**{**given, **facts}),
        by=by or make_administrator(),
    )


def confirmed(item: SignedItem, by: User) -> Confirmation:
    """Sign a paper with the password, as `by`."""
    asked = paper_signing.ask(item, by=by, meaning="responsibility", statement="I do.")
    return signing.confirm(asked, by=by, identifier=by.email, password=PASSWORD)


def acknowledged(version: PolicyVersion, by: User) -> Acknowledgement:
    confirmation = confirmed(policies.signed_item(version), by)
    return policies.acknowledge(version, by=by, confirmation=confirmation)


def prepare(clause: str = D1, *, by: User | None = None, **facts: Any) -> Attestation:
    """Prepare an attestation of the clause's first statement, for a year."""
    by = by or make_administrator()
    given = {
        "answer": "attested",
        "statement": clauses()[clause].statements[0],
        "grounds": "Walked through the rooms with the key list",
        "evidence_hash": "",
        "expires": today() + timedelta(days=365),
        "owner": by,
    }
    return attestations.prepare(clause, word=attestations.Word(**{**given, **facts}), by=by)


def attested(clause: str = D1, *, by: User | None = None, **facts: Any) -> Attestation:
    said = prepare(clause, by=by, **facts)
    confirmation = confirmed(attestations.signed_item(said), said.attestor)
    return attestations.attest(said, by=said.attestor, confirmation=confirmation)
