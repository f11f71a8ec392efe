"""What the record shows about alerts; a query over entries alone."""

from datetime import timedelta

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.alerts import AlertAcknowledged, AlertRaised, AlertSent
from accounts.events.sign_in import LockedOut

COVERS = timedelta(minutes=15)
LONGEST = timedelta(seconds=60)
VERIFICATION_FAILED = "ledger.verification_failed"
ROLLED_BACK = "ledger.rollback_detected"
CAUSES = frozenset({LockedOut.name, VERIFICATION_FAILED, ROLLED_BACK})
NO_CHANNEL = {"memory", "console"}  # nobody is reached by these


@ledger.control(
    "alerts_delivered",
    title="The security unit was told of every lockout and every fault of the record",
    judges={*CAUSES, AlertRaised.name},
)
def alerts_delivered(entries: Entries) -> Findings:
    """Each has an alert, delivered within 60 seconds and answered by a person (11.300(d))."""
    seen: dict[str, dict[str, ledger.Record]] = {
        name: {} for name in (AlertRaised.name, AlertSent.name, AlertAcknowledged.name)
    }
    causes: list[ledger.Record] = []
    for entry in entries:
        if entry.event in CAUSES:
            causes.append(entry)
        elif entry.event in seen:
            seen[entry.event][entry.subject] = entry
    raised = seen[AlertRaised.name]
    for cause in causes:
        if not any(_covers(alert, cause) for alert in raised.values()):
            yield finding(cause, "raised no alert")
    yield from _unheard(raised, seen[AlertSent.name], seen[AlertAcknowledged.name])


def _unheard(
    raised: dict[str, ledger.Record],
    sent: dict[str, ledger.Record],
    answered: dict[str, ledger.Record],
) -> Findings:
    for ref, alert in raised.items():
        if ref not in sent:
            yield finding(alert, "was never delivered")
            continue
        yield from _late(sent[ref], alert)
        if ref not in answered:
            yield finding(alert, "was answered by nobody")


def _late(sent: ledger.Record, raised: ledger.Record) -> Findings:
    if sent.at - raised.at > LONGEST:
        yield finding(sent, "went out later than 60 seconds after its cause")
    if sent.payload["channel"] in NO_CHANNEL:
        yield finding(sent, "went where nobody reads it")


def _covers(alert: ledger.Record, cause: ledger.Record) -> bool:
    """Tell whether `alert` tells of `cause`: raised shortly before it, or found soon after."""
    if cause.event == LockedOut.name:
        about = alert.payload["about"] == cause.subject
        return about and timedelta(0) <= cause.at - alert.at <= COVERS
    return alert.payload["alert_kind"] == "record_alarm" and abs(cause.at - alert.at) <= COVERS
