"""The command import_images."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import ledger
from annotations.models import ImportBatch
from tests.annotations.imaged import BROKEN, HELD, MR, mr_slices
from tests.factories import make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


def run(*paths: Path, project: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_images", *map(str, paths), project=project, json=True, stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def test_every_file_has_a_status_a_reason_and_its_series() -> None:
    project = make_project()

    said = run(*mr_slices(1), HELD, BROKEN, project=project.slug)

    assert [file["status"] for file in said["files"]] == ["imported", "quarantined", "rejected"]
    imported, held, broken = said["files"]
    assert (imported["reason"], held["series"], broken["series"]) == (None, None, None)
    assert imported["series"]
    assert held["reason"]
    assert said["seconds"] > 0


def test_folders_are_walked() -> None:
    project = make_project()

    said = run(MR, project=project.slug)

    assert len(said["files"]) == 20
    assert len({file["series"] for file in said["files"]}) == 1


def test_actor_is_the_system_job(seal_now: Any) -> None:
    project = make_project()

    run(BROKEN, project=project.slug)
    seal_now()

    batch = ImportBatch.objects.get()
    entries = ledger.about(batch.ledger_ref, stream=batch.ledger_stream)
    assert {entry.actor for entry in entries} == {"system:import_images"}


def test_words_for_people_name_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project()

    call_command("import_images", str(BROKEN), project=project.slug)

    said = capsys.readouterr().out
    assert said.startswith("rejected")
    assert "1 files in" not in said
    assert "1 file in" in said


@pytest.mark.parametrize("name", ["nothing-there", ""])
def test_missing_path_is_named_before_anything_begins(name: str, tmp_path: Path) -> None:
    project = make_project()
    path = tmp_path / name
    with pytest.raises(CommandError, match=str(path) if name else "no file"):
        run(path, project=project.slug)

    assert not ImportBatch.objects.exists()


def test_unknown_project_is_named() -> None:
    with pytest.raises(CommandError, match="no project"):
        run(BROKEN, project="nowhere")
