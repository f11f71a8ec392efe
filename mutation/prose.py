"""Words for people: what a finding says may change without any verdict changing.

A mutant that changes nothing but prose is left out.  Codes, numbers, comparisons, keys and
formats are logic, and every mutant of theirs counts.  The one place where the line is drawn.
"""

import ast
import re

# A literal of one line in which two words stand side by side; the rule of the other half too.
_PROSE = re.compile(r"[A-Za-z0-9,;:.()-] +[A-Za-z0-9(]")


def only_words_differ(before: str, after: str) -> bool:
    """Tell whether two pieces of Python differ in nothing but prose: other words, or none."""
    if not _PROSE.search(before):
        return False
    try:
        return _alike(ast.parse(before.strip()), ast.parse(after.strip()))
    except SyntaxError:
        return False  # an operator, or another piece that no words are in


def _alike(before: object, after: object) -> bool:
    if _is_prose(before):
        return _is_text(after) or (isinstance(after, ast.Constant) and after.value is None)
    if type(before) is not type(after):
        return False
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_alike(*pair) for pair in pairs)
    if isinstance(before, ast.AST):
        return all(_alike(getattr(before, f), getattr(after, f)) for f in before._fields)
    return before == after


def _is_text(node: object) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _is_prose(node: object) -> bool:
    if isinstance(node, ast.JoinedStr):
        parts = [v.value for v in node.values if isinstance(v, ast.Constant)]
    elif isinstance(node, ast.Constant):
        parts = [node.value]
    else:
        return False
    text = "".join(part for part in parts if isinstance(part, str))
    return _PROSE.search(text) is not None and "\n" not in text
