"""Whatever a parser raises becomes an ImageError; our own mistakes do not."""

from pathlib import Path

import pytest

from annotations.errors import DamagedImageError, ImageTooLargeError, UnsupportedImageError
from annotations.imaging.dicom.guard import reading
from annotations.readers import open_image
from tests.annotations.images import DATA


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (ValueError("invalid literal: 'Smith'"), DamagedImageError),
        (RecursionError("too deep"), DamagedImageError),
        (NotImplementedError("no such syntax"), UnsupportedImageError),
        (MemoryError(), ImageTooLargeError),
    ],
)
def test_what_parsers_raise_is_told_without_their_words(
    raised: Exception, expected: type[Exception]
) -> None:
    with pytest.raises(expected, match="the header") as caught, reading("the header"):
        raise raised

    assert "Smith" not in str(caught.value)


def test_what_no_parser_raises_is_not_hidden() -> None:
    class OwnMistakeError(Exception):
        """Something else."""

    with pytest.raises(OwnMistakeError), reading("the header"):
        raise OwnMistakeError


def test_a_group_length_of_the_wrong_size_is_damage(tmp_path: Path) -> None:
    content = bytearray((DATA / "transfer_syntax/CT_small.dcm").read_bytes())
    assert content[132:140] == b"\x02\0\0\0UL\x04\0"
    content[138:140] = (39046).to_bytes(2, "little")
    path = tmp_path / "length.dcm"
    path.write_bytes(content)

    with pytest.raises(DamagedImageError, match=r"BytesLengthException|cannot be read"):
        open_image(path)
