"""The status of a clause, and the sentences that say why and what would close the gap.

The rule is the one of the vocabulary, `clause_status_values`.  No data is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

STATUSES = ("evidenced", "partly", "failed", "attested_only", "missing", "not_applicable")
NAMED_AT_ONCE = 5

Found = dict[str, Any]


def status_of(automatable: str, results: Sequence[str], states: Sequence[str]) -> str:
    """Return the status of a clause that applies.

    `results` are those of its evidence (pass, fail, no_data, not_applicable, error), `states`
    those of what people must attest (current, expired, missing).
    """
    if {"fail", "error"} & set(results):
        return "failed"
    is_attested = all(state == "current" for state in states)
    if automatable == "none" and states and is_attested:
        return "attested_only"
    if results and set(results) == {"pass"} and is_attested:
        return "evidenced"
    if "pass" in results or "current" in states:
        return "partly"
    return "missing"


def why(status: str, evidence: Sequence[Found], attestations: Sequence[Found]) -> str:
    """Say in sentences why a clause is not evidenced; nothing to say where it is."""
    if status in {"evidenced", "not_applicable"}:
        return ""
    if status == "failed":
        bad = (item for item in evidence if item["result"] in {"fail", "error"})
        return " ".join(item["observed"] for item in bad)
    return " ".join([*_without_data(evidence), *_unattested(attestations)])


def _without_data(evidence: Sequence[Found]) -> Iterable[str]:
    empty = [item for item in evidence if item["result"] == "no_data"]
    absent = [name_of(item) for item in empty if not item["built"]]
    silent = [name_of(item) for item in empty if item["built"] and "event" in item]
    unrun = [name_of(item) for item in empty if item["built"] and "event" not in item]
    if silent:
        yield f"Nothing recorded in the period: {_listed(silent)}."
    if unrun:
        yield f"No data in the period for {_listed(unrun)}."
    if absent:
        yield f"Not part of this version: {_listed(absent)}."


def _unattested(attestations: Sequence[Found]) -> Iterable[str]:
    states = [row["state"] for row in attestations]
    if missing := states.count("missing"):
        of = len(states)
        yield "Nobody has attested." if missing == of else f"{missing} of {of} not attested."
    for row in attestations:
        if row["state"] == "expired":
            yield f"An attestation expired on {row['expires'][:10]}."


def remedy(evidence: Sequence[Found], attestations: Sequence[Found]) -> str:
    """Say what would close the gap; empty where there is none."""
    steps = []
    if any(item["result"] in {"fail", "error"} for item in evidence):
        steps.append("look at each entry named, correct the cause and record what was done")
    empty = [item for item in evidence if item["result"] == "no_data"]
    unprobed = [i for i in empty if i["built"] and i.get("mode") in {"probe", "platform"}]
    if unprobed:
        steps.append("run the probes")
    if any(item["built"] and item not in unprobed for item in empty):
        steps.append("record the first such entry, or say why there is none")
    if any(not item["built"] for item in empty):
        steps.append("keep this evidence outside the system until it is recorded here")
    states = {row["state"] for row in attestations}
    if "missing" in states:
        steps.append("a named person attests")
    if "expired" in states:
        steps.append("the attestation is renewed")
    text = "; ".join(steps)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def name_of(item: Found) -> str:
    """Return the name of what an evidence item asks for."""
    name: str = item.get("event") or item.get("control") or item["artifact"]
    return name


def _listed(names: Sequence[str]) -> str:
    if len(names) <= NAMED_AT_ONCE:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED_AT_ONCE])} and {len(names) - NAMED_AT_ONCE} more"
