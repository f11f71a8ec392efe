"""The base of every refusal of this app, without imports: the sandbox loads it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ledger


class AnnotationsError(Exception):
    """Base of every refusal that is about images, annotations or datasets."""

    code = "refused"
    is_invalid_input = False  # True: what was sent cannot be; False: it cannot be done now

    def entry(self) -> tuple[ledger.Event, object] | None:
        """Return the refusal's own entry and its subject, to record after the rollback."""
        return None
