"""What the record says about evidence: what was probed, which report was asked for and made."""

from dataclasses import dataclass

from ledger.registry import Event


@dataclass(frozen=True, kw_only=True)
class Position:
    """How far a stream is read: its origin and the number of its entries."""

    stream: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What runs: versions, and one digest over every file of the application.

    `commit` is empty where the installation does not know it.
    """

    name: str
    version: str
    commit: str
    files: int
    manifest_sha256: str
    database: str
    environment: str


class ControlProbed(Event, name="control.probed"):
    """A control acted on the running system: what it tried, expected and observed.

    `result` is pass, fail, no_data or error; `examined` counts what it looked at, `details`
    breaks that down.
    """

    control: str
    target: str
    attempted: str
    expected: str
    observed: str
    result: str
    examined: int
    details: dict[str, int]
    milliseconds: int


class ReportRequested(Event, name="report.requested"):
    """Somebody asked for an evidence report, which says what the record holds up to here."""

    report_id: str
    catalogue: str
    catalogue_sha256: str
    project: str | None
    period_from: str
    period_to: str
    positions: tuple[Position, ...]
    installation: Installation


class ReportGenerated(Event, name="report.generated"):
    """An evidence report was made; `report_sha256` names its JSON, `pdf_sha256` its pages."""

    report_id: str
    catalogue: str
    project: str | None
    head: int
    report_sha256: str
    pdf_sha256: str
    pages: int
    statuses: dict[str, str]
