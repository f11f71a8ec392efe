"""The rules on periods, holds and erasure, each as one sentence to the person at the screen."""

from datetime import datetime

from accounts.errors.base import AccountsError


class PeriodTooShortError(AccountsError):
    """A site keeps records longer than the minimum, never shorter."""

    code = "period_too_short"

    def __init__(self, least: int) -> None:
        super().__init__(
            f"This class is kept for {least} years at least. Choose {least} or more; "
            "nothing was changed."
        )


class PeriodUnchangedError(AccountsError):
    """A period is set when it changes."""

    code = "period_unchanged"

    def __init__(self, years: int) -> None:
        super().__init__(f"The period is {years} years already; nothing was changed.")


class UnknownClassError(AccountsError):
    """Periods belong to classes of the schedule."""

    code = "unknown_class"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("There is no such retention class; choose one of the list.")


class HoldScopeError(AccountsError):
    """A hold says what it covers."""

    code = "hold_scope"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__(
            "Say what is held: everything, one subject by its reference, or a first and a last "
            "day that is not before it."
        )


class HoldLiftedError(AccountsError):
    """A hold is lifted once."""

    code = "hold_lifted"

    def __init__(self) -> None:
        super().__init__("This hold is lifted already; nothing was changed.")


class HoldLiftAskedError(AccountsError):
    """The lifting of a hold is asked for once, and by a person who does not lift it."""

    code = "hold_lift_asked"

    def __init__(self) -> None:
        super().__init__("Its lifting is asked for already; another person lifts the hold.")


class HoldNotAskedError(AccountsError):
    """One person asks that a hold be lifted, another lifts it."""

    code = "hold_not_asked"

    def __init__(self) -> None:
        super().__init__("Nobody asked that this hold be lifted; ask first, another lifts it.")


class SecondPersonError(AccountsError):
    """Two different people lift a hold, and two different people erase."""

    code = "second_person"

    def __init__(self, act: str) -> None:
        super().__init__(f"You asked for this; somebody else {act}.")


class NothingToEraseError(AccountsError):
    """An erasure is about something that is there."""

    code = "nothing_to_erase"

    def __init__(self) -> None:
        super().__init__(
            "Nothing there can be erased: no such entry, or none that may ever go. "
            "Nothing was recorded."
        )


class TooMuchToEraseError(AccountsError):
    """Two people can weigh some hundred entries, not thousands."""

    code = "too_much_to_erase"

    def __init__(self, most: int) -> None:
        super().__init__(f"One request covers {most} entries at most; ask in several steps.")


class NeverErasedError(AccountsError):
    """Some entries stay, whoever asks: the record could not be verified without them."""

    code = "never_erased"

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"Entry #{seq:,} is never erased: {why}. Nothing was erased.")


class HeldError(AccountsError):
    """What is held is not erased."""

    code = "held"

    def __init__(self, what: str, *, covered: str, seq: int | None) -> None:
        entry = f" (entry #{seq:,})" if seq is not None else ""
        super().__init__(
            f"A legal hold{entry} covers {covered}, and so {what}. "
            "Two people lift the hold first; nothing was erased."
        )


class NotDueError(AccountsError):
    """Records stay until their period is over, unless a law asks for their erasure."""

    code = "not_due"

    def __init__(self, what: str, *, title: str, due: datetime | None) -> None:
        when = f"until {due:%d %b %Y}" if due else "until their project has ended, and longer"
        super().__init__(
            f"{what} belongs to “{title}”, which is kept {when}. Only a legal duty to erase "
            "goes before that; nothing was erased."
        )


class ErasureStateError(AccountsError):
    """An erasure is asked for, approved and carried out once, in this order."""

    code = "erasure_state"

    def __init__(self, state: str, *, asked: str) -> None:
        super().__init__(f"This erasure is “{state.lower()}”; it cannot be {asked} now.")


class ErasureChangedError(AccountsError):
    """What is signed and what goes is what was shown."""

    code = "erasure_changed"

    def __init__(self) -> None:
        super().__init__(
            "This is not the request that was shown to you, or the record changed since. Open "
            "it again; nothing was signed and nothing was erased."
        )


class SubjectUnknownError(AccountsError):
    """A key is destroyed for a subject that has one."""

    code = "subject_unknown"

    def __init__(self) -> None:
        super().__init__(
            "Nobody here knows this subject or a key of it; look at the reference again."
        )


class SubjectBusyError(AccountsError):
    """A key goes when nothing of its subject waits for a decision."""

    code = "subject_busy"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Nothing was erased.")


class SubjectErasedError(AccountsError):
    """What was encrypted under a destroyed key is gone for good."""

    code = "subject_erased"

    def __init__(self) -> None:
        super().__init__(
            "This was erased: the key of its subject was destroyed. The record says when, "
            "by whom and on what basis."
        )
