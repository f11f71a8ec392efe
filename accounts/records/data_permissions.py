"""What data permissions and withdrawals must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.data_permissions import PermissionRecorded, PermissionWithdrawn
from accounts.records.base import Row, digest

TEXTS = ("basis_reference", "ethics_approval", "terms")
EVENTS = frozenset({PermissionRecorded.name, PermissionWithdrawn.name})
SUBJECT = "subject"


def permission_rows() -> Iterator[Row]:
    """Yield every permission with what it permits, and whether it was withdrawn."""
    from accounts.models import DataPermission  # apps load before models

    for row in DataPermission.objects.iterator():
        facts = {
            "subject_ref": row.subject_ref,
            "basis": row.basis,
            "purposes": row.purposes,
            "valid_from": str(row.valid_from),
            "expires_on": str(row.expires_on),
            "document_hash": row.document_hash,
        }
        yield row.ledger_ref, _permission(facts, str(row.project_id), row.withdrawn_by)


def replay_permissions(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every permission as recording and withdrawing leave it."""
    said: dict[str, tuple[dict[str, Any], str]] = {}
    withdrawn: dict[str, str] = {}
    for entry in entries:
        if entry.event == PermissionRecorded.name:
            said[entry.subject] = (entry.payload, _project(entry))
        elif entry.payload["covers"] != SUBJECT:
            withdrawn[entry.subject] = entry.actor
    return {
        ref: _permission(facts, project, withdrawn.get(ref, ""))
        for ref, (facts, project) in said.items()
    }


def _permission(facts: Mapping[str, Any], project: str, withdrawn_by: str) -> str:
    kept = ("subject_ref", "basis", "valid_from", "expires_on", "document_hash")
    return digest(
        {name: facts[name] for name in kept}
        | {
            "purposes": list(facts["purposes"]),
            "project": project,
            "withdrawn_by": withdrawn_by,
        }
    )


def _project(entry: ledger.Record) -> str:
    """Return the project whose stream holds the entry."""
    return entry.stream.rpartition("/")[2]


def withdrawal_rows() -> Iterator[Row]:
    """Yield every subject that was withdrawn."""
    from accounts.models import SubjectWithdrawal

    for row in SubjectWithdrawal.objects.select_related("withdrawn_by").iterator():
        by = row.withdrawn_by.ledger_ref
        yield row.ledger_ref, _withdrawal(str(row.project_id), row.subject_ref, by)


def replay_withdrawals(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every withdrawal of a subject that was recorded."""
    return {
        entry.subject: _withdrawal(_project(entry), entry.payload["subject_ref"], entry.actor)
        for entry in entries
        if entry.event == PermissionWithdrawn.name and entry.payload["covers"] == SUBJECT
    }


def _withdrawal(project: str, subject_ref: str, by: str) -> str:
    return digest({"project": project, "subject_ref": subject_ref, "by": by})


ledger.recorded(
    "accounts.data_permission",
    rows=permission_rows,
    replay=replay_permissions,
    events=EVENTS,
)
ledger.recorded(
    "accounts.subject_withdrawal",
    rows=withdrawal_rows,
    replay=replay_withdrawals,
    events=frozenset({PermissionWithdrawn.name}),
)


def _key(subject: str) -> str:
    return subject.partition(":")[2]


def _withhold_texts(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold what was typed about a permission, when the entry that says so is erased."""
    from accounts.models import DataPermission

    found = DataPermission.objects.filter(pk=_key(subject))
    found.update(**dict.fromkeys(TEXTS, "withheld"))


def _withhold_reason(subject: str, payload: Mapping[str, Any]) -> None:
    from accounts.models import DataPermission, SubjectWithdrawal

    if payload["covers"] == SUBJECT:
        SubjectWithdrawal.objects.filter(pk=_key(subject)).update(reason="withheld")
    else:
        found = DataPermission.objects.filter(pk=_key(subject))
        found.update(withdraw_reason="withheld")


ledger.erasable(PermissionRecorded.name, scrub=_withhold_texts)
ledger.erasable(PermissionWithdrawn.name, scrub=_withhold_reason)
