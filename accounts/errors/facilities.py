"""The rules on places of work, each as one sentence."""

from accounts.errors.base import AccountsError


class FacilityKnownError(AccountsError):
    """A name means one facility."""

    code = "facility_known"
    is_invalid_input = True

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} is on record already; give this one a name of its own.")


class FacilityUnchangedError(AccountsError):
    """A description that is recorded differs from the one before."""

    code = "facility_unchanged"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Nothing differs from what is on record; nothing was recorded.")


class DeputyError(AccountsError):
    """The deputy is somebody else than the person responsible."""

    code = "same_deputy"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("The deputy is somebody else than the person responsible.")


class AttestationPeriodError(AccountsError):
    """What a person vouches for is looked at again, within two years."""

    code = "attestation_period"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("It holds until a day after today, at most two years ahead.")


class EvidenceMissingError(AccountsError):
    """An attestation names the file that it rests on."""

    code = "evidence_missing"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Choose the file that the attestation rests on; its hash is kept.")


class LogTimesError(AccountsError):
    """A visit ends after it began, and neither lies ahead."""

    code = "log_times"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("It ended after it began, and not later than now.")


class RangeFormError(AccountsError):
    """A network range is written as an address and a prefix."""

    code = "range_form"
    is_invalid_input = True

    def __init__(self, typed: str, meant: str | None) -> None:
        hint = f"did you mean {meant}?" if meant else "write it like 192.0.2.64/27."
        super().__init__(f"{typed[:49]} is no range of a network; {hint}")


class RangeWideError(AccountsError):
    """A range says something about a place: it is not half the internet."""

    code = "range_wide"
    is_invalid_input = True

    def __init__(self, least: int) -> None:
        super().__init__(f"That covers too much to be a place; use /{least} or narrower.")


class RangeKnownError(AccountsError):
    """A range stands once at a facility."""

    code = "range_known"
    is_invalid_input = True

    def __init__(self, cidr: str) -> None:
        super().__init__(f"{cidr} is in force here already, or waits for approval.")


class RangeOverlapError(AccountsError):
    """Whoever asks for a range that others share has been told which."""

    code = "range_overlaps"
    is_invalid_input = True

    def __init__(self, overlaps: str) -> None:
        super().__init__(f"{overlaps} Ask again if that is what you want.")


class RangeStateError(AccountsError):
    """A change is decided once, and asked for once at a time."""

    code = "range_state"

    def __init__(self, state: str) -> None:
        super().__init__(f"Its state is “{state}” meanwhile; look again.")


class SecondAdministratorError(AccountsError):
    """Whoever asked for a change of ranges does not approve it."""

    code = "second_administrator"

    def __init__(self) -> None:
        super().__init__("You asked for this change; another administrator decides.")
