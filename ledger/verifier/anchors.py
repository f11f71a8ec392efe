"""Anchors of a bundle: time stamps are judged, other kinds are carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.verifier.der import DerError
from ledger.verifier.hashes import sha256
from ledger.verifier.timestamps import read_time_stamp, time_stamp_fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.verifier.checkpoints import Stored
    from ledger.verifier.files import Files
    from ledger.verifier.findings import Findings
    from ledger.verifier.manifest import ListedAnchor

MAX_TOKEN = 1 << 20


def judge_anchors(
    files: Files,
    anchors: Sequence[ListedAnchor],
    stored: Mapping[str, Sequence[Stored]],
    authorities: Sequence[Any],
) -> None:
    """Judge every anchor that the manifest lists."""
    for anchor in anchors:
        if files.place(anchor.path) is None:
            files.findings.add("L108", f"{anchor.path} is missing.")
        elif anchor.kind != "rfc3161":
            files.findings.add("N904", f"{anchor.path} ({anchor.kind}) is carried, not judged.")
        else:
            text = _text_of(anchor, stored)
            content = files.read(anchor.path, MAX_TOKEN)
            judge_time_stamp(anchor.path, content, text, authorities, files.findings)


def judge_time_stamp(
    name: str,
    content: bytes | None,
    text: str | None,
    authorities: Sequence[Any],
    findings: Findings,
) -> None:
    """Judge one TimeStampResp over the text of a checkpoint (None: there is none)."""
    try:
        stamp = read_time_stamp(content or b"")
    except (DerError, RecursionError) as error:
        findings.add("L801", f"{name} cannot be read: {error}")
        return
    if text is None or stamp.imprint != sha256(text.encode()):
        findings.add("L801", f"{name} stamps something other than its checkpoint.")
    elif not authorities:
        findings.add("N904", f"{name}: you brought no authority to judge it by.")
    else:
        fault = time_stamp_fault(stamp, authorities)
        if fault:
            findings.add("L802", f"{name}: {fault}.")


def _text_of(anchor: ListedAnchor, stored: Mapping[str, Sequence[Stored]]) -> str | None:
    """Return the text of the checkpoint that an anchor is about."""
    for one in stored.get(anchor.origin, ()):
        if one.note is None or one.checkpoint is None:
            continue
        if (one.checkpoint.origin, one.checkpoint.size) == (anchor.origin, anchor.size):
            return one.note.text
    return None
