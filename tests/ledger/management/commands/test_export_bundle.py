"""export_bundle: one file, what to keep apart, and a refusal that names what is wrong."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_project
from tests.ledger.bundle.made import manifest_of

BACKWARDS = ["--from", "2026-02-02", "--until", "2026-01-01"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_it_says_what_to_keep_and_how_to_check(tmp_path: Path) -> None:
    make_project(slug="chest")
    said = StringIO()

    call_command(
        "export_bundle", "--project", "chest", "--out", tmp_path / "b.zip", stdout=said
    )

    printed = said.getvalue()
    assert "localhost/ledger/org+" in printed
    assert "python3 verify.py b.zip --key" in printed
    assert "— localhost/ledger/org " in printed
    assert manifest_of(tmp_path / "b.zip")["scope"]["kind"] == "whole project"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["--project", "nobody-knows"], "There is no project", 2),
        (["--project", "chest", "--record", "x"], "as it stands in its entries", 2),
        (
            ["--project", "chest", "--from", "2026-02-02", "--until", "2026-01-01"],
            "exchange",
            2,
        ),
        (["--project", "chest", "--from", "yesterday"], "invalid day value", 2),
        (["--project", "chest", "--until", "2020-01-01"], "No entry is within", 1),
        (["--project", "chest", "--organisation"], "not allowed with", 2),
    ],
)
def test_it_refuses_with_a_sentence(
    arguments: list[str], said: str, code: int, tmp_path: Path
) -> None:
    make_project(slug="chest")

    with pytest.raises(CommandError, match=said) as refused:
        call_command("export_bundle", *arguments, "--out", tmp_path / "b.zip")

    assert refused.value.returncode == code or "argument" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_it_replaces_no_file_and_makes_no_folder(tmp_path: Path) -> None:
    make_project(slug="chest")
    (tmp_path / "b.zip").write_bytes(b"another")

    with pytest.raises(CommandError, match="is there already"):
        call_command("export_bundle", "--project", "chest", "--out", tmp_path / "b.zip")
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("export_bundle", "--project", "chest", "--out", tmp_path / "no" / "b.zip")

    assert (tmp_path / "b.zip").read_bytes() == b"another"
