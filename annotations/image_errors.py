"""Why an image or a stored file cannot be used; `annotations.errors` offers these too."""

from annotations.refusal import AnnotationsError


class ImageError(AnnotationsError):
    """A file or its pixels cannot be used as an image."""

    code = "image_unreadable"
    is_invalid_input = True


class UnknownImageFormatError(ImageError):
    """No reader recognises the file."""

    code = "image_format_unknown"

    def __init__(self, detail: str = "it does not look like an image") -> None:
        super().__init__(f"This file is no image this system reads: {detail}.")


class DamagedImageError(ImageError):
    """The file contradicts itself or its standard."""

    code = "image_damaged"

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"This image file is damaged: {detail}. Export it again at its source."
        )


class UnsupportedImageError(ImageError):
    """The file may be sound, but nothing here can decode it."""

    code = "image_unsupported"

    def __init__(self, detail: str) -> None:
        super().__init__(f"This kind of image cannot be decoded here: {detail}.")


class NoPixelsError(ImageError):
    """The file is a DICOM object without an image."""

    code = "image_without_pixels"

    def __init__(self, detail: str = "it carries no pixel data") -> None:
        super().__init__(f"There is nothing to look at in this file: {detail}.")


class ImageTooLargeError(ImageError):
    """Reading the file would take more memory than one image may have."""

    code = "image_too_large"

    def __init__(self, detail: str) -> None:
        super().__init__(f"This image is larger than this system accepts: {detail}.")


class ImageLimitError(ImageError):
    """Reading the file took more than one file may have, or broke the decoder."""

    code = "image_limit"

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"Reading this file was stopped: {detail}. It may be damaged or made to do harm."
        )


class BlobError(AnnotationsError):
    """Stored bytes cannot be given back."""

    code = "blob_unreadable"


class BlobMissingError(BlobError):
    """The store holds nothing under this digest."""

    code = "blob_missing"

    def __init__(self, digest: str) -> None:
        super().__init__(f"Stored file {digest[:12]} is missing; restore it from the backup.")


class BlobErasedError(BlobError):
    """What was encrypted under a destroyed key is withheld for good."""

    code = "withheld"

    def __init__(self, where: str = "") -> None:
        super().__init__(
            f"Withheld: this was erased{where}. The key that it was encrypted under was "
            "destroyed by two people; the record says on what basis."
        )


class BlobDamagedError(BlobError):
    """What the store holds is not what was put there; it is not served."""

    code = "blob_damaged"

    def __init__(self, digest: str, detail: str) -> None:
        super().__init__(
            f"Stored file {digest[:12]} is damaged ({detail}); restore it from the backup."
        )


class BlobStoreError(BlobError):
    """The store cannot take new files now; nothing was kept."""

    code = "blob_store_unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(f"The file store takes no files now: {detail}. Nothing was kept.")
