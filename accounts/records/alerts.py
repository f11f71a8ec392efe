"""What alerts must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.alerts import AlertAcknowledged, AlertRaised, AlertSent
from accounts.records.base import Row, digest

ALERT_EVENTS = frozenset({AlertRaised.name, AlertSent.name, AlertAcknowledged.name})


def alert_rows() -> Iterator[Row]:
    """Yield every alert: what about, whether it went out, and who answered."""
    from accounts.models import Alert

    for one in Alert.objects.select_related("acknowledged_by").iterator():
        by = one.acknowledged_by.ledger_ref if one.acknowledged_by else None
        yield one.ledger_ref, _alert(one.kind, one.about, by, sent=one.sent_at is not None)


def replay_alerts(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every alert as the entries leave it."""
    raised: dict[str, tuple[str, str]] = {}
    sent: set[str] = set()
    answered: dict[str, str] = {}
    for entry in entries:
        if entry.event == AlertRaised.name:
            raised[entry.subject] = (entry.payload["alert_kind"], entry.payload["about"])
        elif entry.event == AlertSent.name:
            sent.add(entry.subject)
        elif entry.event == AlertAcknowledged.name:
            answered[entry.subject] = entry.actor
    return {
        ref: _alert(*facts, answered.get(ref), sent=ref in sent)
        for ref, facts in raised.items()
    }


def _alert(kind: str, about: str, by: str | None, *, sent: bool) -> str:
    return digest({"kind": kind, "about": about, "by": by, "sent": sent})


ledger.recorded("accounts.alert", rows=alert_rows, replay=replay_alerts, events=ALERT_EVENTS)


def _withhold_answer(subject: str, _payload: Mapping[str, Any]) -> None:
    """Withhold what was answered, when the entry that says so is erased."""
    from accounts.models import Alert

    Alert.objects.filter(pk=subject.partition(":")[2]).update(answer="withheld")


ledger.erasable(AlertAcknowledged.name, scrub=_withhold_answer)
