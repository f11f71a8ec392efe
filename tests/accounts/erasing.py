"""Ask for, approve and carry out erasures as people do, for tests of what comes of it."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

import ledger
from accounts import carrying_out, erasure, signing
from accounts.erasure_rules import Wanted
from accounts.models import ErasureRequest, Project, Role, User
from accounts.signing import Confirmation
from tests.factories import PASSWORD, make_project, make_user

DUTY = "GDPR Art. 17(1)(b)"
CANARY = "Canary-7c1f"


class NoteTaken(ledger.Event, name="access.note_taken"):
    """A note, for tests: it can be erased, and no table rests on it."""

    text: str = "as it was"


@dataclass
class Office:
    """A project with two people who keep its records."""

    project: Project = field(default_factory=make_project)
    asking: User = field(init=False)
    approving: User = field(init=False)

    def __post_init__(self) -> None:
        self.asking = make_user(role=Role.REGULATORY, project=self.project)
        self.approving = make_user(role=Role.ADMINISTRATOR)

    @property
    def stream(self) -> str:
        return str(self.project.pk)


@transaction.atomic
def note(project: Project, *, reason: str = CANARY) -> int:
    """Append a note to the project's stream and return what gives its position."""
    return ledger.append(
        NoteTaken(), actor="system:tests", subject=project, reason=reason
    ).body_id


def seq_of(body_id: int) -> int:
    from ledger.models import Entry

    return int(Entry.objects.get(pk=body_id).seq)


def prepare(office: Office, *positions: int, duty: bool = True, **more: Any) -> ErasureRequest:
    wanted = Wanted(
        kind=more.get("kind", "entries"),
        subject_ref=more.get("subject_ref", ""),
        positions=positions,
    )
    return erasure.prepare(
        office.project,
        wanted=wanted,
        is_duty=duty,
        basis=DUTY,
        by=office.asking,
        reason="the person asked",
    )


def confirmed(request: ErasureRequest, by: User, meaning: str = "approval") -> Confirmation:
    """Sign what the request says, with the password, as `by`."""
    asked = signing.issue(
        by=by,
        items=[erasure.signed_item(request)],
        meaning=meaning,
        statement=erasure.STATEMENTS["approval"],
        stream=f"{settings.LEDGER_SITE}/ledger/{'p/' + str(request.project_id)}",
    )
    return signing.confirm(asked, by=by, identifier=by.email, password=PASSWORD)


def asked(office: Office, *positions: int, **more: Any) -> ErasureRequest:
    request = prepare(office, *positions, **more)
    return erasure.ask(
        request, by=office.asking, confirmation=confirmed(request, office.asking)
    )


def approved(office: Office, *positions: int, **more: Any) -> ErasureRequest:
    request = asked(office, *positions, **more)
    return erasure.approve(
        request, by=office.approving, confirmation=confirmed(request, office.approving)
    )


def erased(office: Office, *positions: int, **more: Any) -> ErasureRequest:
    return carrying_out.carry_out(approved(office, *positions, **more), by=office.approving)
