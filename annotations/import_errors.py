"""Why a file, or a decision about one, is refused; one class per rule."""

from __future__ import annotations

from annotations.refusal import AnnotationsError


class ImportedBeforeError(AnnotationsError):
    """One address of an image names one set of pixels."""

    code = "uid_conflict"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__(
            "Another image with the same identifier but other pixels is here already. Ask the "
            "sender which of the two is right."
        )


class ArchiveError(AnnotationsError):
    """Files are taken in one by one, not inside an archive."""

    code = "archive"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("This is an archive. Unpack it and send the files or their folder.")


class EmptyFileError(AnnotationsError):
    """A file holds something."""

    code = "empty_file"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("The file is empty. Send it again; it may not have been copied whole.")


class UploadTooLargeError(AnnotationsError):
    """One file is as large as this site takes, at most."""

    code = "upload_too_large"
    is_invalid_input = True

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The file is larger than {limit // 1024**2:,} MB, the most this site takes in one "
            "file. Nothing of it was kept."
        )


class BatchFinishedError(AnnotationsError):
    """A finished import takes no more files."""

    code = "import_finished"

    def __init__(self) -> None:
        super().__init__("This import is finished; begin a new one for more files.")


class NumberTakenError(AnnotationsError):
    """A place in an import belongs to one file."""

    code = "number_taken"

    def __init__(self, number: int) -> None:
        super().__init__(f"File {number} of this import is here already, with other content.")


class TooManyFilesError(AnnotationsError):
    """An import takes the files it announced, up to what a page can follow."""

    code = "too_many_files"
    is_invalid_input = True

    def __init__(self, limit: int) -> None:
        super().__init__(f"An import takes 1 to {limit:,} files; send the rest in another one.")


class DecidedMeanwhileError(AnnotationsError):
    """A decision is about what was displayed; nothing is overwritten."""

    code = "stale_version"

    def __init__(self, who: str) -> None:
        super().__init__(
            f"{who} decided about this image while you looked at it. Your decision was not "
            "recorded; open the list again."
        )


class NotHeldError(AnnotationsError):
    """Only an image that waits in quarantine is decided about."""

    code = "not_held"

    def __init__(self) -> None:
        super().__init__("This file is not in quarantine; there is nothing to decide.")


class AlreadySettledError(AnnotationsError):
    """A file gets one outcome, whoever opens it first."""

    code = "already_settled"

    def __init__(self) -> None:
        super().__init__("This file has its outcome already; nothing was changed.")


class StillOpeningError(AnnotationsError):
    """An import ends when each file that arrived has its outcome."""

    code = "still_opening"

    def __init__(self) -> None:
        super().__init__("Some files are still being opened; wait for their outcome, then end.")


class ErasedPatientError(AnnotationsError):
    """Images of a patient whose key was destroyed are not taken in again."""

    code = "patient_erased"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__(
            "What this project held of this patient was erased, and is not taken in again."
        )


class PatientNotPermittedError(AnnotationsError):
    """Images come in under a current data permission for their patient."""

    code = "no_data_permission"

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
