"""What keeps the record whole: one way to change rows, one transaction, the entry last."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from tests.architecture.sources import DOORS, PACKAGES, functions, name, nodes, python_files

OURS = python_files(*PACKAGES)
APPEND = re.compile(r"\bledger\.append(_many)?\(")
MANY_ROWS = {"update", "delete", "bulk_create", "bulk_update"}
A_QUERYSET = ("objects", ".filter(", ".exclude(", ".all()")


def appending() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in OURS:
        for function in functions(path):
            if any(map(_appends, function.body)):
                yield f"{name(path)}:{function.lineno} {function.name}", function


def test_change_and_entry_share_a_transaction() -> None:
    loose = [
        where
        for where, function in appending()
        if not any(
            ast.unparse(decorator).startswith("transaction.atomic")
            for decorator in function.decorator_list
        )
    ]

    assert not loose


def test_the_entry_comes_last() -> None:
    early = []
    for where, function in appending():
        *_, last = [s for s in function.body if not isinstance(s, ast.Return) or _appends(s)]
        if not _appends(last):
            early.append(where)

    assert not early


def _appends(statement: ast.stmt) -> bool:
    return APPEND.search(ast.unparse(statement)) is not None


def test_every_workflow_says_what_it_promises() -> None:
    silent = [
        where
        for where, function in appending()
        if not function.name.startswith("_") and not ast.get_docstring(function)
    ]

    assert not silent


def test_doors_and_models_change_no_rows_behind_the_workflows() -> None:
    changes = [
        f"{name(path)}:{call.lineno} {ast.unparse(call.func)}"
        for path in OURS
        if set(path.parts) & set(DOORS) or path.parent.name == "config"
        for call in nodes(path, ast.Call)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in MANY_ROWS
        and any(sign in ast.unparse(call.func.value) for sign in A_QUERYSET)
    ]

    assert not changes


def test_no_model_hides_work_in_save_or_delete() -> None:
    overrides = [
        f"{name(path)}:{function.lineno}"
        for path in OURS
        if "models" in path.parts or path.name == "models.py"
        for function in functions(path)
        if function.name in {"save", "delete", "asave", "adelete"}
    ]

    assert not overrides


@pytest.mark.parametrize("banned", ["django.dispatch", "signals", "psycopg", "unittest.mock"])
def test_no_source_imports_what_hides_work(banned: str) -> None:
    importing = [
        f"{name(path)}:{found.lineno}"
        for path in (*OURS, *python_files("tests"))
        for found in nodes(path, ast.stmt)
        if isinstance(found, ast.Import | ast.ImportFrom) and banned in _imported(found)
    ]

    assert not importing


def _imported(found: ast.Import | ast.ImportFrom) -> set[str]:
    names = {alias.name for alias in found.names}
    if isinstance(found, ast.ImportFrom):
        module = found.module or ""
        names |= {module, module.rpartition(".")[2]} | {f"{module}.{each}" for each in names}
    return names


@pytest.mark.django_db
def test_the_migrations_tell_all_of_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
