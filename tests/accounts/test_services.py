"""Programs: their accounts, their tokens, and what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import people, services
from accounts.controls.services import service_accounts
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import PersonInactiveError
from accounts.errors.services import (
    SameOwnerError,
    ServiceClosedError,
    ServiceNameTakenError,
    TokenLifetimeError,
    TokenRevokedError,
    TokenScopeError,
)
from accounts.models import SCOPES, Role, ServiceAccount, Token
from accounts.models.project import Project
from accounts.models.role import PROJECT_ROLES
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.recorded import recorded
from tests.factories import (
    make_administrator,
    make_project,
    make_service,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_a_program_gets_an_account_with_an_owner_a_project_and_a_purpose() -> None:
    administrator, owner, project = make_administrator(), make_user(), make_project()

    service = services.open_account(
        name="Scanner 3",
        purpose="sends studies",
        owner=owner,
        project=project,
        by=administrator,
    )

    said = recorded("service.opened")[-1]
    assert said["subject"] == service.ledger_ref == f"accounts.service:{service.pk}"
    assert said["reason"] == "sends studies"
    assert said["payload"]["owner"] == owner.ledger_ref
    assert said["payload"]["project"] == project.ledger_ref


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_administrators_alone_give_accounts_and_tokens(role: Role) -> None:
    service = make_service()
    somebody = make_user(role=role, project=service.project)

    with pytest.raises(PermissionDenied):
        services.issue(service, scopes=["imports:read"], days=1, by=somebody)
    with pytest.raises(PermissionDenied):
        services.close(service, by=somebody, reason="x")

    assert not Token.objects.exists()


def test_a_name_that_looks_like_another_is_not_given() -> None:
    make_service(name="Scanner 3")

    with pytest.raises(ServiceNameTakenError):
        make_service(name="Ｓcanner\u200b 3")


def test_a_secret_is_shown_once_and_only_its_digest_is_kept() -> None:
    token, secret = make_token()

    assert secret.startswith("ledger_")
    assert len(secret) == len("ledger_") + 43  # 256 bits
    assert secret not in str(Token.objects.values()) + str(recorded())
    assert services.find(secret, timezone.now()) == token


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
def test_every_token_expires_within_a_year(days: int) -> None:
    with pytest.raises(TokenLifetimeError):
        make_token(days=days)


@pytest.mark.parametrize("scopes", [[], ["sign"], ["imports:read", "everything"]])
def test_a_token_has_scopes_of_the_table_and_no_others(scopes: list[str]) -> None:
    with pytest.raises(TokenScopeError):
        make_token(scopes=scopes)


def test_no_scope_carries_what_people_answer_for() -> None:
    carried = set().union(*SCOPES.values())

    known = {name for permissions in PROJECT_ROLES.values() for name in permissions}
    assert carried <= known
    assert not carried & {"sign", "annotate", "review", "decide_quarantine", "view_images"}


def closed(token: Token) -> None:
    services.close(token.service, by=make_administrator(), reason="gone")


def owner_left(token: Token) -> None:
    people.close_access(token.service.owner, by=make_administrator(), reason="left")


ENDS: dict[str, Callable[[Token], object]] = {
    "revoked": lambda t: services.revoke(t, by=make_administrator(), reason="leaked"),
    "expired": lambda t: Token.objects.update(
        issued_at=t.issued_at - timedelta(days=90), expires_at=t.issued_at
    ),
    "issued in the future": lambda t: Token.objects.update(
        issued_at=t.issued_at + timedelta(hours=1)
    ),
    "service closed": closed,
    "owner left": owner_left,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_token_that_ended_opens_nothing(end: str) -> None:
    token, secret = make_token()
    assert services.find(secret, timezone.now())

    ENDS[end](token)

    assert services.find(secret, timezone.now()) is None


@pytest.mark.parametrize(
    "wrong", ["", "ledger_", "ledger_x", "x" * 100_000, "ledger_\ud800", "\0"]
)
def test_what_is_no_secret_finds_nothing(wrong: str) -> None:
    make_token()

    assert services.find(wrong, timezone.now()) is None


def test_use_is_noted_at_most_once_a_minute() -> None:
    token, _ = make_token()
    now = timezone.now()

    services.used(token, now)
    token.refresh_from_db()
    services.used(token, now + timedelta(seconds=59))
    token.refresh_from_db()
    assert token.last_used_at == now

    services.used(token, now + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == now + timedelta(seconds=60)


def test_revoking_says_why_and_happens_once() -> None:
    administrator = make_administrator()
    token, _ = make_token()

    with pytest.raises(ReasonMissingError):
        services.revoke(token, by=administrator, reason=" ")
    services.revoke(token, by=administrator, reason="leaked")
    with pytest.raises(TokenRevokedError):
        services.revoke(token, by=administrator, reason="again")

    assert [entry["reason"] for entry in recorded("token.revoked")] == ["leaked"]


def test_closing_ends_every_token_and_stays() -> None:
    administrator = make_administrator()
    service = make_service()
    for _ in range(2):
        make_token(service=service)

    services.close(service, by=administrator, reason="scanner sold")

    assert len(recorded("token.revoked")) == 2
    for act in (
        lambda: services.close(service, by=administrator, reason="x"),
        lambda: make_token(service=service),
        lambda: services.hand_over(service, owner=make_user(), by=administrator, reason="x"),
    ):
        with pytest.raises(ServiceClosedError):
            act()


def test_a_service_is_handed_over_to_somebody_else_who_is_here() -> None:
    administrator, service, next_owner = make_administrator(), make_service(), make_user()
    gone = make_user()
    people.close_access(gone, by=administrator, reason="left")

    for owner, refused in ((gone, PersonInactiveError), (service.owner, SameOwnerError)):
        with pytest.raises(refused):
            services.hand_over(service, owner=owner, by=administrator, reason="x")
    services.hand_over(service, owner=next_owner, by=administrator, reason="moved on")

    service.refresh_from_db()
    assert service.owner == next_owner
    assert recorded("service.handed_over")[-1]["reason"] == "moved on"


def test_no_token_for_a_service_whose_owner_left() -> None:
    service = make_service()
    people.close_access(service.owner, by=make_administrator(), reason="left")

    with pytest.raises(PersonInactiveError):
        make_token(service=ServiceAccount.objects.get(pk=service.pk))


def test_a_token_sees_its_own_project_by_its_scopes_and_no_other() -> None:
    from accounts.models import Caller

    token, _ = make_token(scopes=["imports:read"])
    make_project()
    caller = Caller(token)

    def seen(permission: str) -> list[Any]:
        return list(Project.objects.visible_to(caller, permission))

    assert seen("import_images") == seen("view_project") == [token.service.project]
    assert seen("sign") == seen("view_images") == seen("view_ledger") == []


def findings(seal_now: Callable[[], None]) -> list[str]:
    seal_now()
    entries = Entry.objects.select_related("body", "stream").order_by("body_id")
    return [found.reason for found in service_accounts([record_of(entry) for entry in entries])]


def test_the_record_shows_programs_in_order(seal_now: Callable[[], None]) -> None:
    token, _ = make_token()
    services.revoke(token, by=make_administrator(), reason="leaked")

    assert findings(seal_now) == []


def test_the_record_shows_a_program_that_acts_without_its_token(
    seal_now: Callable[[], None],
) -> None:
    import ledger
    from accounts.events.sign_in import AccessRefused, LoggedOut

    token, _ = make_token()
    other, _ = make_token()
    act = AccessRefused(act="POST", rule="forbidden")
    with ledger.origin(session=token.ledger_ref):
        ledger.append(act, actor=token.service, subject=token)
        ledger.append(act, actor=other.service, subject=token)
        ledger.append(
            LoggedOut(session_id="x", manner="locked"), actor=token.service, subject=token
        )
    ledger.append(act, actor=token.service, subject=token)

    assert findings(seal_now) == [
        "was done by a program without a token of its own",
        "is a person's act, done by a program",
        "was done by a program without a token of its own",
    ]
