"""What the page of one erasure shows: the thread of its entries, and what it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ledger
from accounts import erasure as erasing
from accounts.events.retention import (
    ErasureApproved,
    ErasureCarriedOut,
    ErasureDeclined,
    ErasureRequested,
)
from accounts.events.signing import SignatureApplied

if TYPE_CHECKING:
    from accounts.models import ErasureRequest

SAYS = {
    ErasureRequested.name: "Asked for",
    ErasureApproved.name: "Approved",
    ErasureDeclined.name: "Declined",
    ErasureCarriedOut.name: "Carried out",
    SignatureApplied.name: "Signed",
    "ledger.remains_kept": "Facts kept that tables rest on",
}
LISTED = 12


def steps(found: ErasureRequest) -> list[dict[str, Any]]:
    """Return what the record says about the request, newest first."""
    entries = ledger.about(found.ledger_ref, stream=found.ledger_stream)
    names = ledger.name_of({entry.actor for entry in entries})
    return [
        {
            "what": SAYS.get(entry.event, entry.event),
            "who": f"by {names[entry.actor]}",
            "at": entry.at,
            "why": entry.reason if entry.event == ErasureDeclined.name else None,
            "seq": entry.sequence,
            "stream_key": found.ledger_stream or "org",
            "kind": "sign" if entry.event == SignatureApplied.name else "",
        }
        for entry in reversed(entries)
    ]


def covered(found: ErasureRequest) -> dict[str, Any]:
    """Return counts and the first positions of what goes and of what stays."""
    content = erasing.content_of(found)
    positions = [seq for seq, _ in content["positions"]]
    gone = ledger.erasures(positions[:LISTED], found.ledger_stream)
    return {
        "entries": len(positions),
        "positions": [(seq, gone.get(seq)) for seq in positions[:LISTED]],
        "more": max(0, len(positions) - LISTED),
        "stays": len(content["stays"]),
        "why": sorted({why for _, why in content["stays"]}),
        "key": content["key"],
        "images": content["images"],
        "snapshots": content["snapshots"],
    }
