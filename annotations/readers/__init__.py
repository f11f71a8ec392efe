"""Image readers, one file per format: `open_image` picks by the file's first bytes."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from annotations.image_errors import UnknownImageFormatError
from annotations.imaging.window import Window
from annotations.readers.base import Image, ImageReader, readers

__all__ = ["Image", "ImageReader", "Window", "open_image"]

HEAD_BYTES = 4096

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")


def open_image(path: str | Path) -> Image:
    """Read the header of the image at `path`; pixels are read when asked for.

    Raises a subclass of ImageError whose message says what is wrong with the file.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise UnknownImageFormatError("it cannot be opened") from error
    for reader in readers.values():
        if reader.recognises(head):
            return reader().open(path)
    raise UnknownImageFormatError(
        "empty file" if not head else "no known signature at its start"
    )
