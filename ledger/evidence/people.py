"""Sections 7 to 9: accounts and roles, signatures, and who reviewed the trail."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ledger.evidence.reading import Reading, manifest_of, second
from ledger.hashing import sha256_hex

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.registry import Record

ADMINISTRATOR = "administrator"
SEALING = (
    "annotation.created",
    "annotation.modified",
    "annotation.retired",
    "review.submitted",
)
SHOWN_SIGNATURES = 24
SHORT = 8

Section = dict[str, Any]


def accounts(reading: Reading) -> Section:
    """Return who could do what, when, and whose access ended."""
    made = reading.ever("user.created")
    closed = {entry.subject: entry for entry in reading.ever("user.deactivated")}
    roles = _roles(reading)
    held = [role for role in roles if role["to"] is None]
    changed = {entry.subject for entry in reading.within("user.role_granted")}
    joined = {entry.subject for entry in reading.within("user.created")}
    return {
        "counts": {
            "people": len(made),
            "active": len(made) - len(closed),
            "service": len({e.actor for e in reading.entries if _is_service(e.actor)}),
            "joined": len(joined),
            "moved": len(changed - joined),
            "left": len(reading.within("user.deactivated")),
            "administrators": len({r["person"] for r in held if r["role"] == ADMINISTRATOR}),
        },
        "roles": roles,
        "leavers": [_leaver(entry, reading) for entry in reading.within("user.deactivated")],
        "administrators": _administrators(reading, held),
        "sharing": [],
        "factors": _factors(reading, held),
        "figure": None,
    }


def _is_service(ref: str) -> bool:
    return ref.startswith("accounts.service:")


def _person(ref: str) -> str:
    return ref.partition(":")[2][:SHORT]


def _roles(reading: Reading) -> list[Section]:
    ends = [*reading.ever("user.role_revoked"), *reading.ever("user.role_expired")]
    ended = {e.payload["membership_id"]: e for e in ends}
    rows = []
    for entry in reading.ever("user.role_granted"):
        told = entry.payload
        end = ended.get(told["membership_id"])
        rows.append(
            {
                "person": _person(entry.subject),
                "printed_name": reading.name(entry.subject),
                "role": told["role"],
                "scope": reading.scope(told["scope"]),
                "from": second(entry.at),
                "to": second(end.at) if end else None,
                "authorised_by": reading.name(told["authorised_by"]),
                "entry": reading.ref(entry),
            }
        )
    return rows


def _leaver(entry: Record, reading: Reading) -> Section:
    """Return a closed access; when the person left is known only from a notice."""
    notices = [e for e in reading.ever("user.leave_notified") if e.subject == entry.subject]
    left = notices[-1].at if notices else None
    return {
        "person": _person(entry.subject),
        "printed_name": reading.name(entry.subject),
        "left_at": second(left) if left else None,
        "deactivated_at": second(entry.at),
        "delay_hours": _hours(entry.at - left) if left else None,
        "limit_hours": None,
        "result": "no_data",
        "entry": reading.ref(entry),
    }


def _hours(delay: timedelta) -> str:
    tenths = max(0, round(delay.total_seconds() / 360))
    return f"{tenths // 10}.{tenths % 10}"


def _administrators(reading: Reading, held: list[Section]) -> list[Section]:
    refs = {e.payload["membership_id"]: e.subject for e in reading.ever("user.role_granted")}
    people = {_person(ref): ref for ref in refs.values()}
    acts = {entry.actor: entry for entry in reading.entries}
    rows = []
    for role in held:
        act = acts.get(people[role["person"]])
        if role["role"] == ADMINISTRATOR and act is not None:
            others = [r["role"] for r in held if r["person"] == role["person"] and r != role]
            rows.append(
                {
                    "printed_name": role["printed_name"],
                    "also": ", ".join(others) or "no other role",
                    "last_act": second(act.at),
                    "entry": reading.ref(act),
                }
            )
    return rows


def _factors(reading: Reading, held: list[Section]) -> list[Section]:
    """Return second factors by role; null where no enrolment was ever recorded."""
    enrolled: dict[str, set[str]] = defaultdict(set)
    for entry in reading.ever("credential.mfa_enrolled"):
        enrolled[_person(entry.subject)].add(entry.payload["credential_id"])
    for entry in reading.ever("credential.mfa_revoked"):
        enrolled[_person(entry.subject)].discard(entry.payload["credential_id"])
    rows = []
    for name in sorted({role["role"] for role in held}):
        people = {role["person"] for role in held if role["role"] == name}
        having = len([p for p in people if enrolled.get(p)]) if enrolled else None
        rows.append({"role": name, "people": len(people), "with_second_factor": having})
    return rows


def signatures(reading: Reading) -> Section:
    """Return the signatures of the period, each compared again with what was sealed."""
    sealed = {
        (entry.payload["record_id"], entry.payload["version"], entry.payload["content_hash"])
        for entry in reading.ever(*SEALING)
    }
    superseded = {e.payload["manifest_hash"] for e in reading.ever("signature.superseded")}
    applied = reading.within("signature.applied")
    rows = [row for entry in applied for row in _signature(entry, reading, sealed, superseded)]
    signed = {row["entry"]: row for row in rows}  # one whose manifest cannot be read has none
    verified = sum(row["verified"] == "pass" for row in signed.values())
    meanings = Counter(row["meaning"] for row in signed.values())
    return {
        "count": len(applied),
        "verified": verified,
        "not_verified": len(applied) - verified,
        "refused_attempts": len(reading.within("signature.failed")),
        "superseded": sum(row["superseded"] for row in signed.values()),
        "by_meaning": [
            {"meaning": meaning, "count": count} for meaning, count in sorted(meanings.items())
        ],
        "shown": rows[-SHOWN_SIGNATURES:],
        "shown_rule": f"The newest {SHOWN_SIGNATURES} signed records at most; each signature"
        " is compared with the entries that sealed what it names.",
    }


def _signature(
    entry: Record, reading: Reading, sealed: set[tuple[str, int, str]], superseded: set[str]
) -> list[Section]:
    """Return one row per signed record version; all share the verdict of the signature."""
    manifest = manifest_of(entry)
    if not manifest:
        return []
    items = manifest["items"]
    is_held = manifest["signer"] == entry.actor and all(
        (item["record_id"], item["version"], item["content_hash"]) in sealed for item in items
    )
    common = {
        "printed_name": manifest["printed_name"],
        "at": second(entry.at),
        "offset": _offset(entry.at, manifest["time_zone"]),
        "meaning": manifest["meaning"],
        "components": ", ".join(entry.payload["components"]),
        "verified": "pass" if is_held else "fail",
        "superseded": sha256_hex(entry.payload["manifest"].encode()) in superseded,
        "entry": reading.ref(entry),
    }
    return [
        common
        | {
            "record": _record(item["record_id"]),
            "revision": item["version"],
            "content_sha256": item["content_hash"],
        }
        for item in items
    ]


def _record(ref: str) -> str:
    kind, _, key = ref.partition(":")
    return f"{kind.rpartition('.')[2]} {key[:SHORT]}"


def _offset(at: datetime, zone: str) -> str:
    minutes = int(
        (at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() // 60
    )
    sign, minutes = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def trail_review(reading: Reading) -> Section:
    """Return the reviews of the trail, and each stream that nobody reviewed in the period."""
    head = reading.head.payload
    reviews = reading.within("audit_trail.review_completed")
    rows = []
    for origin in sorted(reading.sizes):
        done = [entry for entry in reviews if entry.stream == origin]
        newest = done[-1] if done else None
        rows.append(
            {
                "stream": reading.stream_names[origin],
                "from": head["period_from"],
                "to": head["period_to"],
                "entries": sum(entry.stream == origin for entry in reading.period),
                "state": "reviewed" if newest else "unreviewed",
                "reviewer": reading.name(newest.actor) if newest else None,
                "at": second(newest.at) if newest else None,
                "findings": 0,
                "open": 0,
                "entry": reading.ref(newest) if newest else None,
            }
        )
    return {"rule": None, "periods": rows, "figure": None}
