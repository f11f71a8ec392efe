"""Witnesses of others: each cosigns a checkpoint if it extends the one it cosigned before.

The client of C2SP tlog-witness.  A witness that refuses because it knows another history is
the alarm that all of this is for; so is one that forgot what it had cosigned.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings

from ledger.anchors.add_checkpoint import request_body
from ledger.anchors.base import (
    Anchor,
    AnchorError,
    ContradictionError,
    DeclinedError,
    Taken,
    is_web_address,
    without_secrets,
)
from ledger.anchors.fetch import Answer, post
from ledger.references import ORGANISATION, key_of
from ledger.verifier.notes import (
    COSIGNATURE,
    MAX_NOTE_BYTES,
    MAX_NOTE_LINES,
    Note,
    NoteError,
    VKey,
    cosigned_at,
    note_bytes,
    parse_decimal,
    parse_note,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.anchors.base import Before, Head

SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
AHEAD = timedelta(days=1)  # a witness's clock may be; further on, one of the two is wrong
OK, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROVEN = 200, 403, 404, 409, 422


class WitnessAnchor(Anchor, kind="witness"):
    """A witness: who it is by its vkey, where it is by the address before /add-checkpoint."""

    def __init__(self, vkey: VKey, url: str) -> None:
        self.vkey, self.url = vkey, url

    @classmethod
    def configured(cls) -> list[Self]:
        return [cls._read(pair) for pair in settings.WITNESSES]

    @classmethod
    def _read(cls, pair: str) -> Self:
        vkey, _, url = pair.strip().partition(" ")
        url = url.strip()
        if not is_web_address(url):
            raise ValueError("WITNESSES: each is a vkey, a space and an address (http, https).")
        try:
            parsed = VKey.parse(vkey)
        except NoteError as error:
            raise ValueError(f"WITNESSES, for {without_secrets(url)}: {error}") from None
        if parsed.kind != COSIGNATURE:
            raise ValueError(f"WITNESSES: {parsed.name} is the vkey of a log, no witness.")
        return cls(parsed, url.rstrip("/"))

    @property
    def target(self) -> str:
        return f"{self.vkey.name} at {without_secrets(self.url)}"

    def publish(self, head: Head, before: Before) -> Taken:
        """Return the witness's line under the checkpoint, checked against its vkey."""
        if before.size > head.size:
            raise ContradictionError(
                f"{self.vkey.name} cosigned {before.size:,} entries; this record has"
                f" {head.size:,}."
            )
        old = before.size
        answer = self._ask(head, old)
        if answer.status == CONFLICT:
            known = self._known_size(answer, head, before)
            if known != old:
                old = known
                answer = self._ask(head, old)
        if answer.status != OK:
            raise self._refusal(answer, head, old)
        return self._cosignature(answer, head, before)

    def _ask(self, head: Head, old: int) -> Answer:
        proof = head.proof(old) if 0 < old < head.size else []
        body = request_body(old, proof, head.note)
        return post(f"{self.url}/add-checkpoint", body, TEXT_TYPE, limit=MAX_NOTE_BYTES)

    def _known_size(self, answer: Answer, head: Head, before: Before) -> int:
        """Return the size that the witness says it cosigned last, if that can be."""
        try:
            known = parse_decimal(answer.body.decode("ascii").removesuffix("\n"))
        except (UnicodeDecodeError, NoteError):
            raise AnchorError(f"{self.vkey.name} says 409, and no size.") from None
        if answer.content_type != SIZE_TYPE:
            raise AnchorError(f"{self.vkey.name} says 409, and no {SIZE_TYPE}.")
        if known > head.size:
            raise ContradictionError(
                f"{self.vkey.name} has cosigned {known:,} entries, and this record has only"
                f" {head.size:,}: it was set back, or somebody signs another history."
            )
        if known < before.size:
            raise ContradictionError(
                f"{self.vkey.name} cosigned {before.size:,} entries and now knows of {known:,}:"
                " what it remembers was set back, so it may cosign two histories."
            )
        return known

    def _two_histories(self, size: int) -> str:
        return (
            f"{self.vkey.name} has cosigned another history of {size:,} entries than this"
            " record's: one of the two was rewritten."
        )

    def _refusal(self, answer: Answer, head: Head, old: int) -> AnchorError:
        name = self.vkey.name
        if answer.status == UNPROVEN or (answer.status == CONFLICT and old == head.size):
            return ContradictionError(self._two_histories(old))
        if answer.status == NOT_FOUND and key_of(head.origin) != ORGANISATION:
            return DeclinedError(f"{name} follows no single projects.")
        sentences = {
            NOT_FOUND: f"{name} does not follow this record; give its operator the vkey.",
            FORBIDDEN: f"{name} does not trust this record's key; give its operator the vkey.",
            CONFLICT: f"{name} was given another checkpoint meanwhile.",
        }
        return AnchorError(
            sentences.get(answer.status, f"{name} answered {answer.status}, not a cosignature.")
        )

    def _cosignature(self, answer: Answer, head: Head, before: Before) -> Taken:
        try:
            note = parse_note(head.text + b"\n" + answer.body)
        except NoteError:
            raise AnchorError(f"{self.vkey.name} answered no signature lines.") from None
        text = head.text.decode()
        mine = (self.vkey.name, self.vkey.key_id)
        for line in note.lines:
            if (line.name, line.key_id) != mine:
                continue  # C2SP: lines of unknown keys are ignored
            seconds = cosigned_at(line, text, self.vkey)
            if seconds is None:
                raise AnchorError(f"The signature of {self.vkey.name} is not valid.")
            at = self._believed(seconds, before)
            signed = note_bytes(Note(text, [line])).decode()
            return Taken(signed.removeprefix(f"{text}\n").encode(), at)
        raise AnchorError(f"{self.vkey.name} did not sign with the key of its vkey.")

    def _believed(self, seconds: int, before: Before) -> datetime:
        """Return the time of a cosignature; a clock that goes back or far ahead is refused."""
        latest = datetime.now(UTC) + AHEAD
        if seconds > latest.timestamp():
            raise AnchorError(f"{self.vkey.name} cosigns with a time in the future.")
        at = datetime.fromtimestamp(seconds, UTC)
        if before.at is not None and at < before.at:
            raise AnchorError(f"{self.vkey.name} cosigns with a time before its last one.")
        return at


def with_cosignatures(note: str, tokens: Iterable[bytes]) -> str:
    """Return a checkpoint with the lines of its witnesses below those of its log, each once."""
    lines = [line for token in tokens for line in token.decode().splitlines(keepends=True)]
    present = note.splitlines(keepends=True)
    added = [line for line in dict.fromkeys(lines) if line not in present]
    signed = len(parse_note(note.encode()).lines)
    return note + "".join(added[: MAX_NOTE_LINES - signed])
