"""Sign notes in the name of the site's streams (C2SP signed-note); see `verifier.notes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from ledger.references import ORGANISATION, origin_of
from ledger.signer_state import Epoch, KeyHistory, SignerState, StateError
from ledger.signing_keys import KeyGoneError
from ledger.verifier.notes import (
    Checkpoint,
    Note,
    NoteError,
    NoteLine,
    VKey,
    note_bytes,
    parse_checkpoint,
    parse_note,
    signers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.signing_keys import KeyStore


class Signer:
    """Keys and memory of one site's signer; see `signer_state` for what it remembers."""

    def __init__(self, state: SignerState, keys: KeyStore) -> None:
        self.state, self.keys = state, keys
        self._sound: KeyHistory | None = None  # whose newest key the store was seen to hold
        self._own: dict[str, Checkpoint] = {}  # notes whose signature was verified

    @classmethod
    def of_site(cls) -> Signer:
        """Return the signer that the settings describe; nothing is read or made yet."""
        org = origin_of(settings.LEDGER_SITE, ORGANISATION)
        store: KeyStore = import_string(settings.SIGNER_KEYS)(settings.SIGNER_DIR)
        return cls(SignerState(settings.SIGNER_DIR, org), store)

    @property
    def org(self) -> str:
        """The origin of the organisation's stream, under whose name the key is trusted."""
        return self.state.org

    def begin(self) -> KeyHistory:
        """Make the site's first key.  Call it where it is certain that there was none."""
        first = KeyHistory((Epoch(0, self.keys.make(0), None),))
        self.state.keep_history(first)
        return first

    def history(self) -> KeyHistory:
        """Return the site's keys.

        Raises StateError where nothing is known of them, and KeyGoneError where the store
        holds another key for the newest epoch.
        """
        found = self.state.history()
        if found is None:
            raise StateError(
                f"{self.state.folder} knows no key. Restore it from the backup of the keys;"
                " docs/keys.md says what to do if there is none."
            )
        if found is self._sound:
            return found
        newest = found.newest
        if self.keys.public(newest.number) != newest.public:
            raise KeyGoneError(
                f"The store holds another key for epoch {newest.number} than"
                f" {self.state.folder} remembers; restore both from the same backup."
            )
        self._sound = found
        return found

    def sign(self, text: str, origin: str, epochs: Iterable[Epoch]) -> str:
        """Return the note of `text`, signed under the name `origin` by the keys of `epochs`.

        `text` ends in a line feed.  The same text gives the same note: Ed25519 is
        deterministic (RFC 8032 §5.1.6).
        """
        lines = [
            NoteLine(
                origin,
                VKey.for_origin(origin, epoch.public).key_id,
                self.keys.sign(epoch.number, text.encode()),
            )
            for epoch in epochs
        ]
        return note_bytes(Note(text, lines)).decode()

    def last(self, origin: str) -> tuple[Checkpoint, str] | None:
        """Return what was signed last for a stream, and the note; None if nothing was.

        Raises StateError if the note is not one of this signer's.
        """
        note = self.state.note(origin)
        return None if note is None else (self.own(note, origin), note)

    def own(self, note: str, origin: str | None = None) -> Checkpoint:
        """Read a checkpoint that one of this site's keys signed; raise StateError otherwise."""
        known = self._own.get(note)
        if known is not None and origin in (None, known.origin):
            return known
        try:
            parsed = parse_note(note.encode())
            found = parse_checkpoint(parsed)
            epochs = self.history().epochs
            keys = [VKey.for_origin(found.origin, epoch.public) for epoch in epochs]
            if signers(parsed, keys) and origin in (None, found.origin):
                self._own[note] = found
                return found
        except NoteError:
            pass
        raise StateError(
            f"A note of {origin or 'a stream'} is damaged or not signed by this site's key;"
            " docs/keys.md says what to do."
        )
