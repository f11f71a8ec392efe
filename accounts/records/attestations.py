"""What attestations must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping

import ledger
from accounts.events.attestations import AttestationRecorded
from accounts.records.base import Row, digest


def attestation_rows() -> Iterator[Row]:
    """Yield every signed attestation by the hash of what its row says now."""
    from accounts.models import Attestation  # apps load before models

    for row in Attestation.objects.filter(signed_at__isnull=False).iterator():
        said = ledger.sha256_hex(ledger.canonical(row.content))
        statement = ledger.sha256_hex(row.statement.encode())
        yield (
            row.ledger_ref,
            digest({"said": said, "stated": row.content_hash, "statement": statement}),
        )


def replay_attestations(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every attestation as it was signed."""
    return {
        entry.subject: digest(
            {
                "said": entry.payload["content_hash"],
                "stated": entry.payload["content_hash"],
                "statement": entry.payload["statement_hash"],
            }
        )
        for entry in entries
    }


ledger.recorded(
    "accounts.attestation",
    rows=attestation_rows,
    replay=replay_attestations,
    events=frozenset({AttestationRecorded.name}),
)
