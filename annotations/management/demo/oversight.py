"""The demo's policies and attestations: published, acknowledged and signed as people do."""

from datetime import timedelta

from django.utils import timezone

from accounts import attestations, paper_signing, policies, signing
from accounts.clauses import clauses
from accounts.models import Attestation, Policy, PolicyVersion, Role, User
from accounts.signing import Confirmation, SignedItem
from annotations.management.demo.people import Cast

READERS = (Role.ANNOTATOR, Role.REVIEWER, Role.ADJUDICATOR)
MOBILE = (
    "Telephones, tablets and watches with a camera stay in the lockers outside the reading "
    "room. Nobody opens images on a mobile device. Whoever sees one in use says so to the "
    "security official the same day."
)
SCREENS = (
    "Lock the screen before you leave the room, however briefly. Your account and password "
    "are yours alone. What you sign binds you as a signature on paper does."
)
RULES = (
    ("Mobile devices in the reading room", Policy.Kind.MOBILE, MOBILE, READERS),
    ("Screens, accounts and signatures", Policy.Kind.SIGNATURES, SCREENS, tuple(Role)),
)
ATTESTED = {
    "buyer_questions/BUYER-H4": "Each role was approved by the project's lead in writing",
    "buyer_questions/BUYER-H5": "Settings of the workstations read on site, 5 minutes each",
    "buyer_questions/BUYER-H6": "Logs of proxy, database and host looked at with operations",
    "buyer_questions/BUYER-D1": "Walked through Reading room 2 with the list of keys",
    "buyer_questions/BUYER-D2": "Lockers counted and the room visited unannounced",
    "buyer_questions/BUYER-D3": "Stock room compared with the inventory, item by item",
    "buyer_questions/BUYER-D4": "Course contents compared with the protocol and the policies",
}
YEAR = timedelta(days=365)


def publish(cast: Cast) -> None:
    """Publish the rules on mobile devices and on screens; most people acknowledge them."""
    if PolicyVersion.objects.exists():
        return
    for title, kind, text, roles in RULES:
        draft = policies.Draft(
            text=text,
            valid_from=timezone.now().date(),
            due_days=14,
            roles=tuple(str(role) for role in roles),
        )
        with cast.acting(Role.ADMINISTRATOR) as administrator:
            version = policies.publish(
                title=title, kind=kind.value, draft=draft, by=administrator
            )
        for role in roles:
            if role == Role.DATA_MANAGER:
                continue  # so that the demo shows a person who still owes one
            with cast.acting(role) as person:
                item = policies.signed_item(version)
                confirmation = _signed(item, person, cast.passwords[role], policies.STATEMENT)
                policies.acknowledge(version, by=person, confirmation=confirmation)


def attest(cast: Cast) -> None:
    """Let regulatory affairs vouch for what the buyer's questions leave to people."""
    if Attestation.objects.exists():
        return
    with cast.acting(Role.REGULATORY) as person:
        for clause, grounds in ATTESTED.items():
            word = attestations.Word(
                answer=Attestation.Answer.ATTESTED.value,
                statement=clauses()[clause].statements[0],
                grounds=grounds,
                evidence_hash="",
                expires=timezone.now().date() + YEAR,
                owner=cast[Role.REGULATORY],
            )
            said = attestations.prepare(clause, word=word, by=person)
            item = attestations.signed_item(said)
            password = cast.passwords[Role.REGULATORY]
            confirmation = _signed(item, person, password, attestations.STATEMENT)
            attestations.attest(said, by=person, confirmation=confirmation)


def _signed(item: SignedItem, by: User, password: str, statement: str) -> Confirmation:
    asked = paper_signing.ask(item, by=by, meaning="responsibility", statement=statement)
    return signing.confirm(asked, by=by, identifier=by.email, password=password)
