"""Account names: which two count as the same."""

import unicodedata
from functools import cache

from confusable_homoglyphs import confusables


def normalised(name: str) -> str:
    """Return `name` without compatibility forms, case or outer blanks (UAX #15, NFKC_CF)."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def skeleton(name: str) -> str:
    """Return what all names that look like `name` share (after UTS #39 §4).

    Applying it again changes nothing.  Blanks and invisible format characters vanish, and
    every character gives way to the one that stands for all its look-alikes, until nothing
    changes any more: what took another's place may join its neighbour to a new character.
    """
    shown, before = _shown(name), None
    while shown != before:
        shown, before = _shown(shown), shown
    return shown


def _shown(name: str) -> str:
    visible = [
        c for c in normalised(name) if unicodedata.category(c) != "Cf" and not c.isspace()
    ]
    shapes = unicodedata.normalize("NFKC", "".join(_shape(c) for c in visible))
    return shapes.replace("rn", "m").replace("vv", "w").replace("0", "o")


@cache
def _shape(character: str) -> str:
    """Return the smallest of the normalised single characters that look like `character`."""
    alike = {character}
    waiting = [character]
    while waiting:
        known = confusables.confusables_data.get(waiting.pop(), [])
        # the table wraps right-to-left characters in direction marks
        shapes = {entry["c"].strip("\u200e") for entry in known}
        fresh = {c for c in shapes if len(c) == 1 and normalised(c) == c} - alike
        alike |= fresh
        waiting.extend(fresh)
    return min(alike)
