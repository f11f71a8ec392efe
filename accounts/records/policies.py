"""What policies and acknowledgements must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping

import ledger
from accounts.events.policies import PolicyAcknowledged, PolicyPublished
from accounts.records.base import Row, digest


def version_rows() -> Iterator[Row]:
    """Yield every version by the hash of what its row says now."""
    from accounts.models import PolicyVersion  # apps load before models

    for row in PolicyVersion.objects.select_related("policy").iterator():
        said = ledger.sha256_hex(ledger.canonical(row.content))
        yield row.ledger_ref, digest({"said": said, "stated": row.content_hash})


def replay_versions(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every version as it was published."""
    return {
        entry.subject: digest(dict.fromkeys(("said", "stated"), entry.payload["content_hash"]))
        for entry in entries
    }


def acknowledgement_rows() -> Iterator[Row]:
    """Yield who acknowledged what."""
    from accounts.models import Acknowledgement

    rows = Acknowledgement.objects.values_list("version_id", "user_id")
    for version, user in rows.iterator():
        yield _acknowledgement(f"accounts.policy_version:{version}", str(user))


def replay_acknowledgements(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return who acknowledged what, as recorded."""
    return dict(
        _acknowledgement(entry.payload["record_id"], entry.payload["person_id"])
        for entry in entries
    )


def _acknowledgement(version: str, person: str) -> Row:
    ref = f"accounts.acknowledgement:{version.partition(':')[2]}/{person}"
    return ref, digest({"version": version, "person": person})


ledger.recorded(
    "accounts.policy_version",
    rows=version_rows,
    replay=replay_versions,
    events=frozenset({PolicyPublished.name}),
)
ledger.recorded(
    "accounts.acknowledgement",
    rows=acknowledgement_rows,
    replay=replay_acknowledgements,
    events=frozenset({PolicyAcknowledged.name}),
)
