"""Refusals of the record itself, which doors answer without knowing its insides."""


class RecordHeldError(RuntimeError):
    """The database was set back behind what was signed: reading goes on, writing waits."""

    code = "record_held"

    def __init__(self) -> None:
        super().__init__(
            "The record is held: the database no longer contains everything that was signed."
            " Nothing can be written until two people declare the recovery."
        )


class CrossedError(RuntimeError):
    """The act met others at each try and was undone each time; it may be tried later."""

    code = "crossed"

    def __init__(self) -> None:
        super().__init__(
            "Others worked on the same at this moment, several times in a row. Nothing was"
            " done; try again."
        )


class RecoveryRefusedError(RuntimeError):
    """There is nothing to recover from, or the signer cannot sign; the message says which."""
