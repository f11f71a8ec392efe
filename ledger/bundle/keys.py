"""The keys in a bundle: those in force up to its organisation head, and how each came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.bundle.errors import NotSignedError
from ledger.canonical_json import canonical
from ledger.notes import Signer
from ledger.verifier.notes import VKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.signer_state import Epoch

SCHEMA = "ledger.keys/1"


@dataclass(frozen=True)
class Keys:
    """The site's keys as they stood at one size of the organisation's stream."""

    signer: Signer
    epochs: tuple[Epoch, ...]

    @classmethod
    def at(cls, size: int) -> Keys:
        """Return the keys whose rotation, if any, is among the first `size` entries."""
        signer = Signer.of_site()
        known = signer.history().epochs
        return cls(
            signer,
            tuple(e for e in known if e.rotated_seq is None or e.rotated_seq < size),
        )

    @property
    def vkey(self) -> str:
        """The verifier key in force, under the organisation's name."""
        return self._vkey(self.epochs[-1])

    def _vkey(self, epoch: Epoch) -> str:
        return str(VKey.for_origin(self.signer.org, epoch.public))

    def signed(self, text: str) -> str:
        """Return the note of `text`, signed by the key in force."""
        return self.signer.sign(text, self.signer.org, [self.epochs[-1]])

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes of keys.json and of every succession note."""
        keys = [
            {
                "epoch": epoch.number,
                "rotated_seq": epoch.rotated_seq,
                "vkey": self._vkey(epoch),
            }
            for epoch in self.epochs
        ]
        told = {"keys": keys, "org": self.signer.org, "schema": SCHEMA}
        yield "keys.json", canonical(told)
        for epoch in self.epochs[1:]:
            note = self.signer.state.succession(epoch.number)
            if note is None:
                raise NotSignedError(
                    f"The succession note of key {epoch.number} is gone from the signer's"
                    " folder; restore it from the backup of the keys."
                )
            yield f"keys/{epoch.number}.note", note.encode()
