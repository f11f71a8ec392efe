"""What may go wrong while a file is parsed, told apart from our own mistakes."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from annotations.image_errors import (
    DamagedImageError,
    ImageError,
    ImageTooLargeError,
    UnsupportedImageError,
)

# pydicom quotes values, which may be a patient's, in what it logs
logging.getLogger("pydicom").disabled = True

# What pydicom and the decoders raise on broken input: none of it may end in a 500.
BROKEN_INPUT = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def reading(part: str) -> Iterator[None]:
    """Turn whatever a parser raises while it reads `part` into an ImageError.

    The parser's own words are left out: they may quote a patient's data.  Its warnings are
    silenced for the same reason.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ImageError:
            raise
        except MemoryError:
            raise ImageTooLargeError(f"there is not enough memory for {part}") from None
        except NotImplementedError:
            raise UnsupportedImageError(f"no decoder for {part}") from None
        except Exception as error:
            # pydicom's own errors have no common base, and it is loaded only when needed
            own = type(error).__module__ == "pydicom.errors"
            if not own and not isinstance(error, BROKEN_INPUT):
                raise
            kind = type(error).__name__
            raise DamagedImageError(f"{part} cannot be read ({kind})") from None
