"""What the ledger's own tables must agree with: the reports that were made."""

from collections.abc import Iterable, Iterator, Mapping

from ledger.canonical_json import canonical
from ledger.evidence.events import ReportGenerated
from ledger.hashing import sha256_hex
from ledger.registry import Record, recorded


def report_rows() -> Iterator[tuple[str, str]]:
    """Yield every report that is made, with the hashes of the bytes that are stored."""
    from ledger.evidence.models import EvidenceReport  # apps load before models

    made = EvidenceReport.objects.filter(state=EvidenceReport.State.MADE)
    for report in made.iterator(chunk_size=20):
        hashes = sha256_hex(bytes(report.report_json)), sha256_hex(bytes(report.pdf))
        yield report.ledger_ref, _digest(report.catalogue, *hashes)


def replay_reports(entries: Iterable[Record]) -> Mapping[str, str]:
    """Return every report as its entry says it was made."""
    return {
        entry.subject: _digest(
            entry.payload["catalogue"],
            entry.payload["report_sha256"],
            entry.payload["pdf_sha256"],
        )
        for entry in entries
        if entry.event == ReportGenerated.name
    }


def _digest(catalogue: str, report: str, pdf: str) -> str:
    return sha256_hex(canonical({"catalogue": catalogue, "report": report, "pdf": pdf}))


recorded(
    "ledger.report",
    rows=report_rows,
    replay=replay_reports,
    events=frozenset({ReportGenerated.name}),
)
