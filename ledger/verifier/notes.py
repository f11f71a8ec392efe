"""Signed notes: checkpoints, key successions, cosignatures (C2SP signed-note, tlog-checkpoint).

A note is a text and, after an empty line, one line for each signature.  A verifier key (vkey)
is a name, the key's id and the key itself; the id binds the name to the key.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NOTE_BYTES = 64 << 10
MAX_NOTE_LINES = 32
ED25519 = 0x01
COSIGNATURE = 0x04  # Ed25519 over a time and the text: C2SP tlog-cosignature
KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
COSIGNATURE_BYTES = 8 + SIGNATURE_BYTES
MAX_SIZE = (1 << 63) - 1
SUCCESSION_TITLE = "ledger/v1 key succession"
BUNDLE_TITLE = "ledger/v1 bundle"

_ORIGIN = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)+\Z")
_MAX_ORIGIN_BYTES = 128
_VKEY_FORM = "name+8 hexadecimal digits+base64"
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,18})\Z")


class NoteError(ValueError):
    """Not a note, vkey or checkpoint of the form that the record uses."""


class NoteLine(NamedTuple):
    """One signature of a note: whose it says it is, and what follows the key id."""

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A text that ends in a line feed, and the lines that sign it."""

    text: str
    lines: list[NoteLine]


class Checkpoint(NamedTuple):
    """The promise that the stream `origin` had the 32-byte `root` at `size` entries."""

    origin: str
    size: int
    root: bytes


class Succession(NamedTuple):
    """A key handed on: from `epoch` - 1 (`old`) to `epoch` (`new`) in one organisation."""

    org: str
    epoch: int
    old: VKey
    new: VKey


class VKey(NamedTuple):
    """A public key under a name; `kind` is ED25519 (a log) or COSIGNATURE (a witness)."""

    name: str
    key_id: bytes
    public: bytes
    kind: int

    @classmethod
    def parse(cls, text: str) -> VKey:
        """Read `name+hex id+base64`; raise NoteError for whatever else it is."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        if not _is_name(name):
            raise NoteError(f"This is no vkey: {_VKEY_FORM} is expected.")
        blob = strict_base64(encoded)
        if len(blob) != 33 or blob[0] not in (ED25519, COSIGNATURE):
            raise NoteError(f"This is no vkey with an Ed25519 key: {_VKEY_FORM} is expected.")
        made = cls._named(name, blob[1:], blob[0])
        if made.key_id.hex() != key_id:
            raise NoteError("The id of this vkey is not that of its name and key.")
        return made

    @classmethod
    def for_origin(cls, origin: str, public: bytes) -> VKey:
        """Return the vkey of the site's key `public` (32 bytes) for the stream `origin`.

        Raises NoteError if that is no origin or no key.
        """
        if not is_origin(origin) or len(public) != 32:
            raise NoteError("A vkey is made of a stream's origin and 32 bytes.")
        return cls._named(origin, public, ED25519)

    @classmethod
    def for_witness(cls, name: str, public: bytes) -> VKey:
        """Return the vkey of a witness; raise NoteError if that is no name or no key."""
        if not _is_name(name) or len(public) != 32:
            raise NoteError("A vkey is made of a name and 32 bytes.")
        return cls._named(name, public, COSIGNATURE)

    @classmethod
    def _named(cls, name: str, public: bytes, kind: int) -> VKey:
        told = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()
        return cls(name, told[:KEY_ID_BYTES], public, kind)

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


def is_origin(text: str) -> bool:
    """Tell whether `text` names a stream: host/segment…/segment, at most 128 bytes."""
    return len(text) <= _MAX_ORIGIN_BYTES and _ORIGIN.match(text) is not None


def strict_base64(text: str) -> bytes:
    """Decode the one base64 form of some bytes (RFC 4648 §4); raise NoteError for others."""
    try:
        decoded = base64.b64decode(text)
    except ValueError:
        raise NoteError("This is not base64.") from None
    if base64.b64encode(decoded).decode() != text:
        raise NoteError("This base64 is not in its canonical form.")
    return decoded


def parse_note(data: bytes) -> Note:
    """Read a signed note; raise NoteError if its form is not exactly the one specified."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError("A note has at most 64 KiB.")
    try:
        content = data.decode()
    except UnicodeDecodeError:
        raise NoteError("A note is UTF-8.") from None
    if any(unicodedata.category(c) == "Cc" for c in set(content) - {"\n"}):
        raise NoteError("A note has no control characters.")
    body, _, signed = content.rpartition("\n\n")
    if not body or not signed.endswith("\n"):
        raise NoteError("A note is a text, an empty line and signature lines.")
    lines = signed[:-1].split("\n")
    if len(lines) > MAX_NOTE_LINES:
        raise NoteError("A note has at most 32 signature lines.")
    return Note(body + "\n", [_parse_line(line) for line in lines])


def note_bytes(note: Note) -> bytes:
    """Return the bytes that `parse_note` reads as `note`."""
    signed = "".join(
        f"— {name} {base64.b64encode(key_id + signature).decode()}\n"
        for name, key_id, signature in note.lines
    )
    return f"{note.text}\n{signed}".encode()


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Return the three lines that are signed."""
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def parse_checkpoint(note: Note) -> Checkpoint:
    """Read the three lines of a checkpoint; raise NoteError for any other text."""
    lines = note.text.split("\n")
    if len(lines) != 4 or not is_origin(lines[0]):
        raise NoteError("A checkpoint has three lines: origin, size and root.")
    size = parse_decimal(lines[1])
    if size < 1:
        raise NoteError("A checkpoint has a size of 1 or more.")
    root = strict_base64(lines[2])
    if len(root) != 32:
        raise NoteError("A checkpoint's root has 32 bytes.")
    return Checkpoint(lines[0], size, root)


def parse_decimal(text: str) -> int:
    """Read a decimal number without leading zeros below 2^63; raise NoteError otherwise."""
    if not _DECIMAL.match(text) or int(text) > MAX_SIZE:
        raise NoteError("This is no number: decimal digits, no leading zero.")
    return int(text)


def succession_text(succession: Succession) -> str:
    """Return the text that hands the key on."""
    org, epoch, old, new = succession
    return f"{SUCCESSION_TITLE}\n{org}\n{epoch}\n{old}\n{new}\n"


def parse_succession(note: Note) -> Succession:
    """Read the five lines of a succession; raise NoteError for any other text."""
    lines = note.text.split("\n")
    if len(lines) != 6 or lines[0] != SUCCESSION_TITLE or not is_origin(lines[1]):
        raise NoteError("This is no key succession.")
    epoch, old, new = parse_decimal(lines[2]), VKey.parse(lines[3]), VKey.parse(lines[4])
    if epoch < 1 or {old.name, new.name} != {lines[1]} or {old.kind, new.kind} != {ED25519}:
        raise NoteError("A succession is between two keys of its organisation.")
    return Succession(lines[1], epoch, old, new)


def bundle_text(org: str, manifest: bytes) -> str:
    """Return the text that signs a bundle's manifest."""
    told = base64.b64encode(hashlib.sha256(manifest).digest()).decode()
    return f"{BUNDLE_TITLE}\n{org}\n{told}\n"


def verify_line(line: NoteLine, text: str, key: VKey) -> bool:
    """Tell whether `line` is a valid signature by `key` of `text`."""
    if (line.name, line.key_id) != (key.name, key.key_id):
        return False
    if key.kind == COSIGNATURE:
        return cosigned_at(line, text, key) is not None
    return verify_ed25519(key.public, line.signature, text.encode())


def cosigned_at(line: NoteLine, text: str, key: VKey) -> int | None:
    """Return the time (seconds since 1970) at which the witness `key` cosigned, or None."""
    if (line.name, line.key_id) != (key.name, key.key_id):
        return None
    if len(line.signature) != COSIGNATURE_BYTES:
        return None
    time = int(struct.unpack(">Q", line.signature[:8])[0])
    valid = verify_ed25519(key.public, line.signature[8:], cosigned_message(time, text))
    return time if valid else None


def cosigned_message(time: int, text: str) -> bytes:
    """Return what a witness signs at `time` (seconds since 1970)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def signers(note: Note, keys: Iterable[VKey]) -> list[VKey]:
    """Return those of `keys` that signed `note`, in the order of its lines.

    Lines of other keys are ignored.  Raises NoteError if a line names one of `keys` and its
    signature is not valid: such a note is refused as a whole.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: list[VKey] = []
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not verify_line(line, note.text, key):
            raise NoteError(f"A signature in the name of {line.name} is not valid.")
        if key not in found:
            found.append(key)
    return found


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` is that of `message` by the 32-byte key (RFC 8032)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _parse_line(line: str) -> NoteLine:
    dash, name, encoded = _three(line)
    if dash != "—" or not _is_name(name):
        raise NoteError("A signature line is an em dash, a name and base64.")
    blob = strict_base64(encoded)
    if len(blob) <= KEY_ID_BYTES:
        raise NoteError("A signature line holds a key id and a signature.")
    return NoteLine(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _three(line: str) -> tuple[str, str, str]:
    words = line.split(" ")
    if len(words) != 3:
        raise NoteError("A signature line has three words.")
    return words[0], words[1], words[2]


def _is_name(name: str) -> bool:
    if not name or "+" in name:
        return False
    return not any(c.isspace() or unicodedata.category(c) == "Cc" for c in name)
