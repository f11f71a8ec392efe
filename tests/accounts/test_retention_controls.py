"""The control on disposals: earlier than due, never weighed, or a class without a period."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.controls.retention import retention

NOW = datetime(2026, 11, 23, tzinfo=UTC)
EARLY, LATE = "2026-11-22T00:00:00.000000Z", "2032-01-01T00:00:00.000000Z"


@dataclass
class Told:
    """An entry as far as the control looks at it."""

    sequence: int
    event: str
    payload: dict[str, Any]
    stream: str = "localhost/ledger/p/one"
    at: datetime = field(default=NOW)


def published(**changed: Any) -> Told:
    one = {"title": "Access", "years": 6, "basis": "a rule"} | changed
    return Told(0, "retention.schedule_published", {"classes": [one]})


def approval(due: str | None, *, duty: bool = False) -> Told:
    one = {"seq": 3, "commitment": "aa", "due": due}
    return Told(7, "erasure.approved", {"is_duty": duty, "weighed": [one]})


def erasure(commitment: str = "aa", stream: str = "localhost/ledger/p/one") -> Told:
    said = {"seq": 3, "commitment": commitment}
    return Told(8, "ledger.entry_erased", said, stream=stream)


def found(*entries: Told) -> list[tuple[int, str]]:
    return [(f.sequence, f.reason) for f in retention(entries)]  # type: ignore[arg-type]


def test_what_was_due_or_owed_is_no_finding() -> None:
    assert found(published(), approval(EARLY), erasure()) == []
    assert found(approval(LATE, duty=True), erasure()) == []
    assert found(approval(None, duty=True), erasure()) == []


def test_a_disposal_before_its_time_is_found() -> None:
    for due in (LATE, None):
        ((seq, reason),) = found(approval(due), erasure())
        assert (seq, "earlier than due" in reason) == (8, True)


def test_a_disposal_that_nobody_weighed_is_found() -> None:
    assert found(erasure())[0][0] == 8
    assert "nobody weighed" in found(approval(EARLY), erasure("bb"))[0][1]
    assert "nobody weighed" in found(approval(EARLY), erasure(stream="localhost/x"))[0][1]


def test_a_class_without_a_period_is_found() -> None:
    for changed in ({"years": 0}, {"years": None}, {"basis": ""}):
        ((seq, reason),) = found(published(**changed))
        assert (seq, "without a period" in reason) == (0, True)
