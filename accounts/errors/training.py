"""The rules on training and qualifications, each as one sentence."""

from datetime import date

from accounts.errors.base import AccountsError


class TrainingNotCurrentError(AccountsError):
    """Without the training that a project asks for, no image of it opens (11.10(i))."""

    code = "training_not_current"
    help_page = ("accounts:my_training", "See what my training lacks")

    def __init__(self, title: str, version: int, *, why: str) -> None:
        super().__init__(
            f"No image opens and nothing can be marked, decided or signed: “{title}”, version "
            f"{version}, {why}. Do the course and ask an administrator to record it; what you "
            "have done so far is kept."
        )


class OwnTrainingError(AccountsError):
    """Nobody vouches for their own training or qualification."""

    code = "own_training"

    def __init__(self) -> None:
        super().__init__("This is about yourself; another person records and verifies it.")


class SameVerifierError(AccountsError):
    """A qualification is verified by another person than who recorded it."""

    code = "same_verifier"

    def __init__(self) -> None:
        super().__init__("You recorded this qualification; another person verifies it.")


class CourseTitleTakenError(AccountsError):
    """Two courses never have the same title."""

    code = "course_title_taken"

    def __init__(self) -> None:
        super().__init__("There is a course with this title; publish a version of it instead.")


class TrainingFactsError(AccountsError):
    """What is recorded about training could have been: days passed, scores of 100."""

    code = "training_facts"
    is_invalid_input = True


class FutureTrainingError(TrainingFactsError):
    """Training is recorded when it is done."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day:%-d %b %Y} is still to come; record it when it is done.")


class RequirementHeldError(AccountsError):
    """A project asks for a version of a course once, or for a newer one."""

    code = "requirement_held"

    def __init__(self) -> None:
        super().__init__("The project asks for this version, or a newer one, already.")


class AlreadyWithdrawnError(AccountsError):
    """What was withdrawn stays so; what ended has ended."""

    code = "already_withdrawn"

    def __init__(self) -> None:
        super().__init__("This counts no longer already; nothing was changed.")


class AlreadyVerifiedError(AccountsError):
    """A qualification is verified once."""

    code = "already_verified"

    def __init__(self) -> None:
        super().__init__("Somebody verified this qualification already; nothing was changed.")
