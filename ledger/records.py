"""What the ledger's own tables must agree with: reports and bundles that were made."""

from collections.abc import Iterable, Iterator

from ledger.bundle.events import ExportCreated
from ledger.canonical_json import canonical
from ledger.evidence.events import ReportGenerated
from ledger.hashing import sha256_hex
from ledger.references import ORGANISATION
from ledger.registry import Record, recorded


def report_rows() -> Iterator[tuple[str, str]]:
    """Yield every report that is made, with the hashes of the bytes that are stored."""
    from ledger.evidence.models import EvidenceReport  # apps load before models

    made = EvidenceReport.objects.filter(state=EvidenceReport.State.MADE)
    for report in made.iterator(chunk_size=20):
        hashes = sha256_hex(bytes(report.report_json)), sha256_hex(bytes(report.pdf))
        yield report.ledger_ref, _digest(report.catalogue, *hashes)


def replay_reports(entries: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Yield every report as its entry says it was made."""
    for entry in entries:
        if entry.event == ReportGenerated.name:
            hashes = entry.payload["report_sha256"], entry.payload["pdf_sha256"]
            yield entry.subject, _digest(entry.payload["catalogue"], *hashes)


def _digest(catalogue: str, report: str, pdf: str) -> str:
    return sha256_hex(canonical({"catalogue": catalogue, "report": report, "pdf": pdf}))


recorded(
    "ledger.report",
    rows=report_rows,
    replay=replay_reports,
    events=frozenset({ReportGenerated.name}),
)


def bundle_rows() -> Iterator[tuple[str, str]]:
    """Yield every bundle that is made, with its digest and size."""
    from ledger.bundle.models import Bundle  # apps load before models

    made = Bundle.objects.filter(state=Bundle.State.MADE)
    for bundle in made.iterator(chunk_size=500):
        yield bundle.ledger_ref, _bundle_digest(bundle.stream_key, bundle.sha256, bundle.size)


def replay_bundles(entries: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Yield every bundle as its entry says it was made."""
    for entry in entries:
        if entry.event == ExportCreated.name:
            said = entry.payload
            key = said["project"] or ORGANISATION
            yield (
                entry.subject,
                _bundle_digest(key, said["bundle_sha256"], said["bundle_size"]),
            )


def _bundle_digest(key: str, sha256: str, size: int) -> str:
    return sha256_hex(canonical({"sha256": sha256, "size": size, "stream": key}))


recorded(
    "ledger.bundle",
    rows=bundle_rows,
    replay=replay_bundles,
    events=frozenset({ExportCreated.name}),
)
