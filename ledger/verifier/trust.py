"""Keys and trust: which key was in force when, and which of them the user's own keys vouch for.

The bundle lists its keys; only a key that the user brings makes any of them trusted.  Trust
passes along valid successions (both keys signed the note), forwards and backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.verifier.envelope import is_count
from ledger.verifier.manifest import site_prefix
from ledger.verifier.notes import (
    ED25519,
    Note,
    NoteError,
    Succession,
    VKey,
    parse_note,
    signers,
    succession_text,
)
from ledger.verifier.strict_json import JsonError, read_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ledger.verifier.findings import Findings

KEYS_SCHEMA = "ledger.keys/1"
MAX_KEYS_BYTES = 1 << 20


class Epoch(NamedTuple):
    """A key of the site, in force after `rotated_seq` of the organisation (None: first)."""

    rotated_seq: int | None
    vkey: VKey


class Rotation(NamedTuple):
    """A `key.rotated` entry of the organisation's stream."""

    seq: int
    payload: dict[str, Any]


class Signed(NamedTuple):
    """What the signatures of a note are worth: a code if they are no good; whose they are."""

    code: str | None
    message: str = ""
    trusted: bool = False
    epochs: frozenset[int] = frozenset()


def read_keys(content: bytes, org: str) -> list[Epoch]:
    """Read keys.json of the organisation `org`; raise JsonError or NoteError."""
    value = read_object(content)
    if value.keys() != {"keys", "org", "schema"} or value["schema"] != KEYS_SCHEMA:
        raise JsonError("keys.json has other fields.")
    if value["org"] != org or type(value["keys"]) is not list or not value["keys"]:
        raise JsonError("keys.json is that of another organisation, or empty.")
    epochs = [_read_epoch(number, item, org) for number, item in enumerate(value["keys"])]
    after = [epoch.rotated_seq for epoch in epochs[1:] if epoch.rotated_seq is not None]
    if after != sorted(set(after)) or len({e.vkey.public for e in epochs}) != len(epochs):
        raise JsonError("The keys are not in the order of their rotations, or one is repeated.")
    return epochs


def _read_epoch(number: int, item: Any, org: str) -> Epoch:
    if type(item) is not dict or item.keys() != {"epoch", "rotated_seq", "vkey"}:
        raise JsonError("A key has other fields.")
    rotated = item["rotated_seq"]
    if type(item["epoch"]) is not int or item["epoch"] != number:
        raise JsonError("The epochs are not counted from 0.")
    if (rotated is not None) if number == 0 else not is_count(rotated):
        raise JsonError("Only the first key has no rotation.")
    if not isinstance(item["vkey"], str):
        raise JsonError("A vkey is text.")
    vkey = VKey.parse(item["vkey"])
    if vkey.name != org or vkey.kind != ED25519:
        raise NoteError("A key has the name of another stream.")
    return Epoch(rotated, vkey)


class Trust:
    """The keys of one organisation, and those of the user."""

    def __init__(self, org: str, epochs: list[Epoch], users: Iterable[VKey]) -> None:
        self.org = org
        self.epochs = epochs
        self.users = [key for key in users if key.kind == ED25519]
        self._links: set[int] = set()  # epochs whose succession from the one before is valid

    def judge_successions(
        self, note_of: Callable[[int], bytes | None], findings: Findings
    ) -> None:
        """Check each succession note; `note_of` gives the bytes of keys/<epoch>.note."""
        for epoch in range(1, len(self.epochs)):
            fault = self._succession_fault(epoch, note_of(epoch))
            if fault:
                message = f"keys/{epoch}.note: {fault}"
                findings.add("L502", message, self.epochs[epoch].rotated_seq)
            else:
                self._links.add(epoch)

    def _succession_fault(self, epoch: int, content: bytes | None) -> str | None:
        old, new = self.epochs[epoch - 1].vkey, self.epochs[epoch].vkey
        if content is None:
            return "it is missing."
        try:
            note = parse_note(content)
            if note.text != succession_text(Succession(self.org, epoch, old, new)):
                return "it does not hand the key on as keys.json says."
            if len(signers(note, (old, new))) != 2:
                return "it is not signed by both keys."
        except NoteError as error:
            return str(error)
        return None

    def judge_rotations(self, rotations: list[Rotation], findings: Findings) -> None:
        """Compare keys.json with the `key.rotated` entries of the organisation's stream."""
        told: dict[int | None, Any] = {r.seq: r.payload for r in rotations}
        for epoch in range(1, len(self.epochs)):
            seq = self.epochs[epoch].rotated_seq
            payload = told.pop(seq, None)
            vkeys = [str(self.epochs[at].vkey) for at in (epoch - 1, epoch)]
            expected = {"epoch": epoch, "new_vkey": vkeys[1], "old_vkey": vkeys[0]}
            if payload is None or any(payload.get(k) != v for k, v in expected.items()):
                findings.add("L503", f"No entry rotates to key {epoch} there.", seq)
        for seq in told:
            findings.add("L503", "A rotation that keys.json does not list.", seq)

    def in_force(self, place: int) -> int:
        """Return the epoch in force at an organisation size, or entry, `place`."""
        found = 0
        for number, epoch in enumerate(self.epochs):
            if epoch.rotated_seq is not None and epoch.rotated_seq < place:
                found = number
        return found

    def vkey(self, origin: str, epoch: int) -> VKey:
        """Return the key of an epoch under the name of a stream."""
        return VKey.for_origin(origin, self.epochs[epoch].vkey.public)

    def given(self, origin: str) -> bool:
        """Tell whether the user brought a key that is about the stream `origin`."""
        return any(self._concerns(key, origin) for key in self.users)

    def _concerns(self, key: VKey, origin: str) -> bool:
        if key.name == self.org:
            return origin.startswith(site_prefix(self.org))
        return key.name == origin

    def trusted(self, origin: str) -> frozenset[int]:
        """Return the epochs whose keys the user vouches for, directly or by successions."""
        publics = {key.public for key in self.users if self._concerns(key, origin)}
        reached = {n for n, epoch in enumerate(self.epochs) if epoch.vkey.public in publics}
        for epoch in range(1, len(self.epochs)):
            if epoch in self._links and epoch - 1 in reached:
                reached.add(epoch)
        for epoch in range(len(self.epochs) - 1, 0, -1):
            if epoch in self._links and epoch in reached:
                reached.add(epoch - 1)
        return frozenset(reached)

    def judge(self, note: Note, origin: str, expected: set[int] | None) -> Signed:
        """Judge who signed `note` as `origin`; one epoch of `expected` must have, if given."""
        keys = {self.vkey(origin, number): number for number in range(len(self.epochs))}
        try:
            epochs = frozenset(keys[key] for key in signers(note, keys))
        except NoteError as error:
            return Signed("L402", str(error))
        given, trusted = self.given(origin), self.trusted(origin)
        valid = epochs & trusted if given else epochs
        if not valid:
            message = "No trusted key signed it." if given else "No key of keys.json signed it."
            return Signed("L402", message, epochs=epochs)
        if expected is not None and not valid & expected:
            return Signed("L505", "The key that signed it was not in force.", epochs=epochs)
        return Signed(None, trusted=given, epochs=epochs)
