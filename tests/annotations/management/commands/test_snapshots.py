"""create_snapshot and export_snapshot, as an operator runs them."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import ledger
from annotations.models import Signature
from tests.annotations.flow import signed

pytestmark = pytest.mark.django_db


def create(slug: str, split: str = "80:10:10") -> dict[str, Any]:
    printed = StringIO()
    call_command("create_snapshot", project=slug, split=split, as_json=True, stdout=printed)
    return dict(json.loads(printed.getvalue()))


@pytest.fixture
def signature() -> Signature:
    return signed()


def test_snapshot_is_told_by_id_root_and_counts_by_subject(signature: Signature) -> None:
    told = create(signature.item.project.slug)

    assert set(told) == {"id", "name", "root", "subsets"}
    assert sum(subset["subjects"] for subset in told["subsets"].values()) == 1


def test_export_writes_one_file_for_each_subset_and_is_recorded(
    signature: Signature, tmp_path: Path, seal_now: Callable[[], None]
) -> None:
    told = create(signature.item.project.slug)

    call_command(
        "export_snapshot", snapshot=told["id"], format="coco", out=tmp_path, stdout=StringIO()
    )
    seal_now()

    marks = [json.loads(path.read_text())["annotations"] for path in tmp_path.iterdir()]
    events = [r.event for r in ledger.about(f"annotations.snapshot:{told['id']}")]
    assert len(marks) == 3
    assert sum(map(len, marks)) == 1
    assert events == ["dataset.snapshot_frozen", "dataset.exported"]


@pytest.mark.parametrize("split", ["80:10", "80:10:11", "a:b:c", ""])
def test_split_that_is_none_is_refused_in_words(signature: Signature, split: str) -> None:
    with pytest.raises(CommandError, match=r"80:10:10|per cent|add up|split"):
        create(signature.item.project.slug, split)


def test_unknown_project_and_snapshot_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no project"):
        create("nowhere")
    with pytest.raises(CommandError, match="no snapshot"):
        call_command("export_snapshot", snapshot="7", format="coco", out=tmp_path)
