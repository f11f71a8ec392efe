"""Where the line between words and logic is drawn."""

import pytest

from mutation.prose import only_words_differ


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"A note is UTF-8."', '"XXA note is UTF-8.XX"'),
        ('Error("A note is UTF-8.")', "Error(None)"),
        ('found.add("L101", "It is cut off.", 3)', 'found.add("L101", None, 3)'),
        ('message = f"{name} is missing."', "message = None"),
        ('return "its name is another"', 'return "ITS NAME IS ANOTHER"'),
    ],
)
def test_other_words_are_no_other_logic(before: str, after: str) -> None:
    assert only_words_differ(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"L101"', '"l101"'),
        ('"index "', '"XXindex XX"'),
        ('"cosignature/v1 at\\ntime"', '"XXcosignature/v1 at\\ntimeXX"'),
        ('found.add("L101", "It is cut off.", 3)', 'found.add("L101", "It is cut off.", None)'),
        ('found.add("L101", "It is cut off.", 3)', 'found.add(None, "It is cut off.", 3)'),
        ('found.add("L101", "It is cut off.", 3)', 'found.add("L101", 3)'),
        ('f"{one - other} are missing."', 'f"{one + other} are more here."[1:]'),
        ('x == "two words"', 'x != "two words"'),
        ("1 + 2", "1 - 2"),
        ("<", "<="),
        ("return None", 'return ""'),
        ('two = "two words"', "two = 2"),
        ('["two words", 1]', '["two words", 1, 2]'),
    ],
)
def test_everything_else_is_logic(before: str, after: str) -> None:
    assert not only_words_differ(before, after)
