"""The sources that the rules of the house are checked on, read once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "ledger", "accounts", "annotations")
DOORS = ("web", "api", "management", "models")  # folders that never change many rows at once
GENERATED = {"ledger/verifier/verify.py"}  # made from parts that keep the caps

Node = TypeVar("Node", bound=ast.AST)


@cache
def python_files(*packages: str) -> tuple[Path, ...]:
    """Return the Python files of `packages`, migrations and generated ones left out."""
    return tuple(
        path
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and name(path) not in GENERATED
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path, kind: type[Node]) -> Iterator[Node]:
    """Yield every node of one kind in the file."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, kind))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from nodes(path, ast.FunctionDef)
    yield from nodes(path, ast.AsyncFunctionDef)


def templates() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.html")]
