"""What programs and their tokens must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.services import (
    ServiceClosed,
    ServiceHandedOver,
    ServiceOpened,
    TokenIssued,
    TokenRevoked,
)
from accounts.records.base import Row, digest

SERVICE_EVENTS = frozenset({ServiceOpened.name, ServiceHandedOver.name, ServiceClosed.name})
TOKEN_EVENTS = frozenset({TokenIssued.name, TokenRevoked.name})


def service_rows() -> Iterator[Row]:
    """Yield every program with its owner, its project and whether it is closed."""
    from accounts.models import ServiceAccount

    for one in ServiceAccount.objects.select_related("owner", "project").iterator():
        closed = one.closed_at is not None
        yield (
            one.ledger_ref,
            _service(one.name, one.project.ledger_ref, one.owner.ledger_ref, closed=closed),
        )


def replay_services(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every program as the entries leave it."""
    facts: dict[str, tuple[str, str]] = {}
    owners: dict[str, str] = {}
    closed: set[str] = set()
    for entry in entries:
        said = entry.payload
        if entry.event == ServiceOpened.name:
            facts[entry.subject] = (said["title"], said["project"])
            owners[entry.subject] = said["owner"]
        elif entry.event == ServiceHandedOver.name:
            owners[entry.subject] = said["owner"]
        elif entry.event == ServiceClosed.name:
            closed.add(entry.subject)
    return {
        ref: _service(*known, owners[ref], closed=ref in closed) for ref, known in facts.items()
    }


def _service(name: str, project: str, owner: str, *, closed: bool) -> str:
    return digest({"name": name, "project": project, "owner": owner, "closed": closed})


def token_rows() -> Iterator[Row]:
    """Yield every token: what it may do, until when, and whether it was revoked."""
    from accounts.models import Token
    from accounts.services import moment

    for one in Token.objects.select_related("service").iterator():
        facts: dict[str, object] = {
            "service": one.service.ledger_ref,
            "scopes": list(one.scopes),
            "issued": moment(one.issued_at),
            "expires": moment(one.expires_at),
            "secret": one.secret_hash,
        }
        yield one.ledger_ref, _token(facts, revoked=one.revoked_at is not None)


def replay_tokens(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every token as the entries say it must be."""
    tokens: dict[str, dict[str, object]] = {}
    revoked: set[str] = set()
    for entry in entries:
        said = entry.payload
        if entry.event == TokenIssued.name:
            tokens[entry.subject] = {
                "service": said["service"],
                "scopes": list(said["scopes"]),
                "issued": said["issued_at"],
                "expires": said["expires_at"],
                "secret": said["secret_hash"],
            }
        elif entry.event == TokenRevoked.name:
            revoked.add(entry.subject)
    return {ref: _token(facts, revoked=ref in revoked) for ref, facts in tokens.items()}


def _token(facts: dict[str, object], *, revoked: bool) -> str:
    return digest({**facts, "revoked": revoked})


ledger.recorded(
    "accounts.service", rows=service_rows, replay=replay_services, events=SERVICE_EVENTS
)
ledger.recorded("accounts.token", rows=token_rows, replay=replay_tokens, events=TOKEN_EVENTS)


def _withhold_purpose(subject: str, _payload: Mapping[str, Any]) -> None:
    """Withhold what a program is for, when the entry that says so is erased."""
    from accounts.models import ServiceAccount

    key = subject.partition(":")[2]
    ServiceAccount.objects.filter(pk=key).update(purpose="withheld")


def _withhold_revocation(subject: str, _payload: Mapping[str, Any]) -> None:
    from accounts.models import Token

    Token.objects.filter(pk=subject.partition(":")[2]).update(revoke_reason="withheld")


ledger.erasable(ServiceOpened.name, scrub=_withhold_purpose)
ledger.erasable(TokenRevoked.name, scrub=_withhold_revocation)
