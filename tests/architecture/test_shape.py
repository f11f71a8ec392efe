"""The shape of the house: small files, small functions, and words where they are owed."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import (
    PACKAGES,
    ROOT,
    functions,
    name,
    nodes,
    python_files,
    tree,
)

FILE_LINES = 300
FUNCTION_LINES = 40
README_LINES = 40
EVERYWHERE = python_files(*PACKAGES, "tests")
OURS = python_files(*PACKAGES)


def test_every_file_fits_in_one_reading() -> None:
    too_long = {
        name(path): lines
        for path in EVERYWHERE
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    }

    assert not too_long


def test_every_function_fits_on_one_screen() -> None:
    too_long = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in EVERYWHERE
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]

    assert not too_long


def test_every_module_says_what_it_is_about() -> None:
    silent = [
        name(path)
        for path in EVERYWHERE
        if tree(path).body and not ast.get_docstring(tree(path))
    ]

    assert not silent


def test_every_event_and_every_error_says_what_it_means() -> None:
    silent = [
        f"{name(path)}:{found.lineno} {found.name}"
        for path in OURS
        for found in nodes(path, ast.ClassDef)
        if (found.name.endswith("Error") or "ledger.Event" in map(ast.unparse, found.bases))
        and not ast.get_docstring(found)
    ]

    assert not silent


def test_every_control_says_what_it_shows() -> None:
    silent = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in OURS
        for function in functions(path)
        if re.search(r"\bcontrol\(", " ".join(map(ast.unparse, function.decorator_list)))
        and not ast.get_docstring(function)
    ]

    assert not silent


def test_every_package_readme_is_short() -> None:
    readmes = [
        path for package in (*PACKAGES, "tests") for path in (ROOT / package).glob("README.md")
    ]

    too_long = [name(path) for path in readmes if _lines(path) > README_LINES]

    assert len(readmes) == len(PACKAGES) + 1
    assert not too_long


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_nothing_is_called_compliant() -> None:
    # The product supports a site that answers for itself; only a regulation's own words may.
    sources = [
        *(path for package in PACKAGES for path in (ROOT / package).rglob("*")),
        *(ROOT / "frontend" / "src").rglob("*"),
        *ROOT.glob("*.md"),
    ]

    claims = [
        name(path)
        for path in sources
        if path.suffix in {".py", ".html", ".ts", ".md", ".typ", ".sql", ".txt"}
        and "catalogues" not in path.parts
        and path.name != "guard.typ"  # it is what refuses the word in a report
        and re.search(r"\bcompliant\b", path.read_text(), re.IGNORECASE)
    ]

    assert not claims
