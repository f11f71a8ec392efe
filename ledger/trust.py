"""Which keys a verification of this site believes: the signer's own, or those somebody brings.

Keys and successions lie in the signer's folder, outside the database; what they are worth is
decided by the rules that every verifier shares (`ledger.verifier.trust`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from ledger.references import ORGANISATION, origin_of
from ledger.signer_state import SignerState
from ledger.verifier.findings import Findings
from ledger.verifier.notes import VKey
from ledger.verifier.trust import Epoch, Trust

if TYPE_CHECKING:
    from collections.abc import Collection


def of_the_signer() -> tuple[Trust, Findings]:
    """Return the trust in the keys of this site's signer, and what is wrong with its folder.

    Nobody is trusted before the signer has a key.  Raises SignerError where its folder cannot
    be believed.
    """
    epochs = _epochs()
    return _trust(epochs, [epoch.vkey for epoch in epochs])


def of_keys(keys: Collection[VKey]) -> tuple[Trust, Findings]:
    """Return the trust in `keys`, and in what they handed on or came from."""
    return _trust(_epochs(), keys)


def _trust(epochs: list[Epoch], keys: Collection[VKey]) -> tuple[Trust, Findings]:
    state, findings = _state(), Findings()
    trust = Trust(state.org, epochs, keys)
    trust.judge_successions(lambda epoch: (state.succession(epoch) or "").encode(), findings)
    return trust, findings


def _epochs() -> list[Epoch]:
    state = _state()
    history = state.history()
    return [
        Epoch(epoch.rotated_seq, VKey.for_origin(state.org, epoch.public))
        for epoch in (history.epochs if history else ())
    ]


def _state() -> SignerState:
    return SignerState(settings.SIGNER_DIR, origin_of(settings.LEDGER_SITE, ORGANISATION))
