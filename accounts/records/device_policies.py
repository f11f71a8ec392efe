"""What policies on devices must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.browsers import DevicePolicySet
from accounts.records.base import Row, digest


def policy_rows() -> Iterator[Row]:
    """Yield every policy as it is in force."""
    from accounts.models import DevicePolicy  # apps load before models

    for row in DevicePolicy.objects.iterator():
        yield row.ledger_ref, _policy(str(row.project_id), row.unregistered, row.mobile)


def replay_policies(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every policy as it was set last."""
    return {
        entry.subject: _policy(
            entry.payload["project_id"],
            entry.payload["unregistered"],
            entry.payload["mobile"],
        )
        for entry in entries
    }


def _policy(project: str, unregistered: str, mobile: str) -> str:
    return digest({"project": project, "unregistered": unregistered, "mobile": mobile})


ledger.recorded(
    "accounts.device_policy",
    rows=policy_rows,
    replay=replay_policies,
    events=frozenset({DevicePolicySet.name}),
)


def _withhold_reason(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold why a policy was set, when the entry that says so is erased."""
    from accounts.models import DevicePolicy

    DevicePolicy.objects.filter(project_id=payload["project_id"]).update(reason="withheld")


ledger.erasable(DevicePolicySet.name, scrub=_withhold_reason)
