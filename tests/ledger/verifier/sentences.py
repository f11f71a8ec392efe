"""What every finding has to be, whatever its words are."""

import re


def is_sentence(message: object) -> bool:
    """Tell whether a finding says something, and nothing that was never filled in."""
    if not isinstance(message, str) or re.search(r"\bNone(?! of)", message):
        return False
    return len(message.split()) > 2 and message.endswith(".")
