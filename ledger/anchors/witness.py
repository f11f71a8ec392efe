"""A small witness of our own: it cosigns what extends what it saw, and nothing else.

C2SP tlog-witness and tlog-cosignature (Ed25519, type 0x04).  It needs no database and keeps
one small file for each stream it follows.  What it has seen is durable before it answers, so
that a witness which dies in between has promised nothing.

    DIR/keys/0.pem               its key, made on first use
    DIR/streams/<origin id>.json the newest checkpoint it cosigned, and how often it has
    DIR/count                    how often it has cosigned anything
    DIR/contradictions/<n>.*     two checkpoints of one size that the same log signed: proof
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from ledger.anchors.add_checkpoint import Request, RequestError
from ledger.hashing import origin_id, sha256_hex
from ledger.proofs import verify_consistency
from ledger.references import ORGANISATION
from ledger.signing_keys import (
    FileKeys,
    SignerError,
    private_folder,
    read_private,
    write_private,
)
from ledger.verifier.notes import (
    ED25519,
    Note,
    NoteError,
    NoteLine,
    VKey,
    cosigned_message,
    note_bytes,
    signers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

logger = logging.getLogger(__name__)

SCHEMA = "ledger.witness/1"
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
BACK_SECONDS = 60  # how far a clock may be behind the last cosignature before we stop
MAX_STREAMS = 10_000
MAX_CONTRADICTIONS = 1_000


class WitnessError(RuntimeError):
    """A witness cannot work here; the sentence says why and what to do."""


class Reply(NamedTuple):
    """What is said over HTTP."""

    status: int
    body: str
    content_type: str = TEXT_TYPE


@dataclass(frozen=True)
class Seen:
    """The newest checkpoint of a stream that was cosigned; `count` cosignatures so far.

    `note` is the checkpoint as its log signed it: with another of that size, proof of a fork.
    """

    origin: str
    size: int = 0
    root: str = ""
    time: int = 0
    count: int = 0
    note: str = ""
    schema: str = SCHEMA


class Witness:
    """A name, a key and what it has seen of the logs it follows.

    `logs` are vkeys; that of an organisation's stream stands for every stream of its site.
    Raises WitnessError if another witness works in `folder`, or if what is there was set back.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        logs: Collection[VKey],
        clock: Callable[[], float] = time.time,
    ) -> None:
        if any(log.kind != ED25519 for log in logs):
            raise WitnessError("A log is named by its own vkey, not by that of a witness.")
        self._folder, self._logs, self._clock = folder, logs, clock
        private_folder(folder)
        self._turn = threading.Lock()
        self._hold()
        try:
            self._keys = FileKeys(folder)
            self.vkey = VKey.for_witness(name, self._keys.make(0))
            self._seen = self._recall()
        except BaseException:
            os.close(self._lock)  # whoever mends the folder may try again
            raise

    def _hold(self) -> None:
        """Keep other processes out for as long as this one lives."""
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise WitnessError(f"Another witness works in {self._folder}.") from None

    def close(self) -> None:
        """Let another witness work in the folder."""
        os.close(self._lock)

    def _recall(self) -> dict[str, Seen]:
        """Read what was seen; raise WitnessError if a part of it is older than the rest."""
        seen: dict[str, Seen] = {}
        for path in sorted((self._folder / "streams").glob("[!.]*.json")):
            try:
                found = json.loads(read_private(path) or b"")
                last = Seen(**found)
            except (ValueError, TypeError, KeyError, AttributeError):
                raise WitnessError(f"{path} is damaged; docs/witnesses.md says more.") from None
            seen[last.origin] = last
        counted = int(read_private(self._folder / "count") or b"0")
        if sum(last.count for last in seen.values()) < counted:
            raise WitnessError(
                f"What {self._folder} holds of some stream is older than its counter: it was"
                " restored from a backup or lost. Begin anew in an empty folder, under a new"
                " name; docs/witnesses.md says why."
            )
        return seen

    def size_of(self, origin: str) -> int:
        """Return the size of the newest checkpoint that was cosigned; 0 if none was."""
        return self._last(origin).size

    def _last(self, origin: str) -> Seen:
        return self._seen.get(origin) or Seen(origin)

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer an `add-checkpoint` request, in the order that C2SP tlog-witness gives."""
        try:
            request = Request.parse(body)
        except RequestError as error:
            return Reply(400, f"{error}\n")
        keys = self._keys_of(request.checkpoint.origin)
        if not keys:
            return Reply(404, "This witness does not follow that log.\n")
        note = _signed_by(request.note, keys)
        if note is None:
            return Reply(403, "No key that this witness trusts for that log signed this.\n")
        request = request._replace(note=note)
        if request.old > request.checkpoint.size:
            return Reply(400, "The old size is larger than the checkpoint's.\n")
        with self._turn:  # looking and remembering are one step
            return self._refusal(request) or self._cosign(request)

    def _keys_of(self, origin: str) -> list[VKey]:
        """Return the keys trusted for a stream; the organisation's key counts for its site."""
        return [
            VKey.for_origin(origin, log.public)
            for log in self._logs
            if log.name == origin
            or (
                log.name.endswith(f"/{ORGANISATION}")
                and origin.startswith(log.name.removesuffix(ORGANISATION))
            )
        ]

    def _refusal(self, request: Request) -> Reply | None:
        """Say what is wrong with what was asked, given what was seen; None if nothing is."""
        checkpoint, last = request.checkpoint, self._last(request.checkpoint.origin)
        other_root = checkpoint.size == last.size and checkpoint.root.hex() != last.root
        if other_root:
            self._keep_contradiction(last, request.note)
        if request.old != last.size or other_root:
            return Reply(409, f"{last.size}\n", SIZE_TYPE)
        if not last.size and len(self._seen) >= MAX_STREAMS:
            return Reply(503, "This witness follows no further streams.\n")
        if not _is_proven(last, request):
            logger.warning(
                "%s: no proof that %d extends %d", last.origin, checkpoint.size, last.size
            )
            return Reply(422, "The proof does not lead from the old checkpoint to this one.\n")
        return None

    def _cosign(self, request: Request) -> Reply:
        origin, size, root = request.checkpoint
        last = self._last(origin)
        newest = max((seen.time for seen in self._seen.values()), default=0)
        now = int(self._clock())
        if now < newest - BACK_SECONDS:
            logger.error("The clock is %d s behind the last cosignature.", newest - now)
            return Reply(503, "The clock of this witness went back.\n")
        moment = max(now, newest)
        note = note_bytes(request.note).decode()
        counted = replace(last, count=last.count + 1, note=note)
        try:
            self._remember(replace(counted, size=size, root=root.hex(), time=moment))
        except (OSError, SignerError):
            logger.exception("Cannot remember, so does not cosign.")
            return Reply(503, "This witness cannot remember now.\n")
        text = request.note.text
        signature = self._keys.sign(0, cosigned_message(moment, text))
        stamped = moment.to_bytes(8, "big") + signature
        line = NoteLine(self.vkey.name, self.vkey.key_id, stamped)
        return Reply(200, note_bytes(Note(text, [line])).decode().removeprefix(f"{text}\n"))

    def _remember(self, seen: Seen) -> None:
        """Make it durable, the stream before the counter: one may be ahead, never behind."""
        written = json.dumps(asdict(seen), sort_keys=True).encode()
        name = f"{origin_id(seen.origin).hex()}.json"
        write_private(self._folder / "streams" / name, written)
        self._seen[seen.origin] = seen
        total = sum(last.count for last in self._seen.values())
        write_private(self._folder / "count", str(total).encode())

    def _keep_contradiction(self, last: Seen, note: Note) -> None:
        """Keep both checkpoints of one size: whoever signed them showed two histories."""
        logger.error("Two histories of one size: %s", note.text.replace("\n", " "))
        folder = self._folder / "contradictions"
        name = sha256_hex(note.text.encode())[:32]
        try:
            private_folder(folder)
            if len(list(folder.iterdir())) < MAX_CONTRADICTIONS:
                write_private(folder / f"{name}.cosigned.note", last.note.encode())
                write_private(folder / f"{name}.refused.note", note_bytes(note))
        except (OSError, SignerError):
            logger.exception("Cannot keep the two checkpoints.")


def _is_proven(last: Seen, request: Request) -> bool:
    """Tell whether the proof leads from what was seen to the checkpoint.

    Nothing leads from no entries to some: the first checkpoint of a stream is believed, and
    its proof is empty, as it is between equal trees.
    """
    sizes = last.size, request.checkpoint.size
    if not last.size:
        return not request.proof
    roots = bytes.fromhex(last.root), request.checkpoint.root
    return verify_consistency(*sizes, *roots, request.proof)


def _signed_by(note: Note, keys: list[VKey]) -> Note | None:
    """Return the note with the lines of `keys` alone; None if they do not sign it."""
    try:
        if not signers(note, keys):
            return None
    except NoteError:  # a line in the name of a trusted key that is not its signature
        return None
    known = {(key.name, key.key_id) for key in keys}
    return Note(note.text, [line for line in note.lines if (line.name, line.key_id) in known])
