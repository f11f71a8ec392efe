"""What the record shows about programs and their tokens; a query over entries alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.people import UserDeactivated
from accounts.events.services import (
    ServiceClosed,
    ServiceHandedOver,
    ServiceOpened,
    TokenIssued,
    TokenRevoked,
)

LONGEST = timedelta(days=366)
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
GRACE = timedelta(minutes=15)  # files sent while a token held are opened soon after
A_PERSONS = ("signature.", "auth.")  # what no program does


@ledger.control(
    "service_accounts",
    title="Programs have an owner and their own scoped, expiring tokens",
    judges={ServiceOpened.name, TokenIssued.name},
)
def service_accounts(entries: Entries) -> Findings:
    """Programs act with scoped, unexpired tokens of their own; none signs (164.312(a)(1))."""
    known = _Programs()
    for entry in entries:
        if entry.event == TokenIssued.name:
            yield from (finding(entry, wrong) for wrong in known.wrong_with_issue(entry))
        known.take_note(entry)
        if entry.actor.startswith("accounts.service:"):
            wrong = known.wrong_with_act(entry)
            if wrong:
                yield finding(entry, wrong)


class _Programs:
    """Who answers for which program, and which tokens are in force, entry after entry."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}
        self.tokens: dict[str, tuple[str, datetime]] = {}
        self.left: set[str] = set()

    def take_note(self, entry: ledger.Record) -> None:
        if entry.event == UserDeactivated.name:
            self.left.add(entry.subject)
        elif entry.event in {ServiceOpened.name, ServiceHandedOver.name}:
            self.owners[entry.subject] = entry.payload["owner"]
        elif entry.event == ServiceClosed.name:
            self.owners.pop(entry.subject, None)
        elif entry.event == TokenIssued.name:
            self.tokens[entry.subject] = (entry.payload["service"], _until(entry))
        elif entry.event == TokenRevoked.name:
            service, until = self.tokens.get(entry.subject, ("", entry.at))
            self.tokens[entry.subject] = (service, min(until, entry.at))

    def wrong_with_issue(self, entry: ledger.Record) -> Iterator[str]:
        said = entry.payload
        if not said["scopes"]:
            yield "issues a token without a scope"
        if _until(entry) - entry.at > LONGEST:
            yield "issues a token for longer than a year"
        if self.owners.get(said["service"], "") in {"", *self.left}:
            yield "issues a token for a program without an owner"

    def wrong_with_act(self, entry: ledger.Record) -> str:
        if entry.event.startswith(A_PERSONS):
            return "is a person's act, done by a program"
        shown = entry.origin.get("session") or ""
        service, until = self.tokens.get(shown, ("", entry.at))
        if service != entry.actor:
            return "was done by a program without a token of its own"
        return "was done with a token that had ended" if entry.at > until + GRACE else ""


def _until(entry: ledger.Record) -> datetime:
    return datetime.strptime(entry.payload["expires_at"], TIME_FORMAT).replace(tzinfo=UTC)
