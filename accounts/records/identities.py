"""What links to organisations' accounts must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.identities import IdentityLinked, IdentityUnlinked
from accounts.records.base import Row, digest

LINK_EVENTS = frozenset({IdentityLinked.name, IdentityUnlinked.name})


def link_rows() -> Iterator[Row]:
    """Yield every link, in force or ended."""
    from accounts.models import IdentityLink

    for one in IdentityLink.objects.iterator():
        facts = (str(one.user_id), one.issuer, one.subject_hash)
        yield one.ledger_ref, _link(facts, ended=one.ended_at is not None)


def replay_links(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every link as the entries leave it."""
    links: dict[str, tuple[str, str, str]] = {}
    ended: set[str] = set()
    for entry in entries:
        said = entry.payload
        if entry.event == IdentityLinked.name:
            links[entry.subject] = (said["person_id"], said["issuer"], said["subject_hash"])
        elif entry.event == IdentityUnlinked.name:
            ended.add(entry.subject)
    return {ref: _link(facts, ended=ref in ended) for ref, facts in links.items()}


def _link(facts: tuple[str, str, str], *, ended: bool) -> str:
    person, issuer, subject = facts
    return digest({"person": person, "issuer": issuer, "subject": subject, "ended": ended})


ledger.recorded(
    "accounts.identity_link", rows=link_rows, replay=replay_links, events=LINK_EVENTS
)


def _withhold_reason(subject: str, _payload: Mapping[str, Any]) -> None:
    """Withhold why a link was made, when the entry that says so is erased."""
    from accounts.models import IdentityLink

    found = IdentityLink.objects.filter(pk=subject.partition(":")[2])
    found.update(reason="withheld")


def _withhold_end_reason(subject: str, _payload: Mapping[str, Any]) -> None:
    from accounts.models import IdentityLink

    found = IdentityLink.objects.filter(pk=subject.partition(":")[2])
    found.update(end_reason="withheld")


ledger.erasable(IdentityLinked.name, scrub=_withhold_reason)
ledger.erasable(IdentityUnlinked.name, scrub=_withhold_end_reason)
