"""Refusals of the record itself, which doors answer without knowing its insides."""


class RecordHeldError(RuntimeError):
    """The database was set back behind what was signed: reading goes on, writing waits."""

    code = "record_held"

    def __init__(self) -> None:
        super().__init__(
            "The record is held: the database no longer contains everything that was signed."
            " Nothing can be written until an administrator declares the recovery."
        )
