"""Bring real files in through the workflows, for tests that need images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom

from accounts.models import Project, Role, User
from annotations import ingest
from annotations.models import ImportedFile, Instance, Series
from tests.annotations.images import DATA, below
from tests.factories import make_project, make_user

CT = DATA / "series/ct_head_small_93"
MR = DATA / "series/mr_brain_obl_20"
HELD = DATA / "modality/CR/cxr.dcm"  # does not say whether text is burned in
BROKEN = DATA / "hostile/fuzz/TC0285_buf_half.dcm"


def mr_slices(count: int = 3) -> list[Path]:
    return [DATA / path for path in below("series/mr_brain_obl_20")[:count]]


def make_manager(project: Project | None = None) -> User:
    return make_user(role=Role.DATA_MANAGER, project=project or make_project())


def take_in(
    *paths: Path, project: Project | None = None, by: User | None = None
) -> list[ImportedFile]:
    """Import the files in one batch and return them with their outcomes."""
    project = project or make_project()
    by = by or make_manager(project)
    batch = ingest.begin(project, by=by, listed=len(paths))
    files = [
        ingest.import_file(batch, number=number, path=path, by=by)
        for number, path in enumerate(paths, start=1)
    ]
    ingest.finish(batch, by=by)
    return files


def make_held(project: Project | None = None) -> ImportedFile:
    """Make an image that waits for a decision."""
    (file,) = take_in(HELD, project=project)
    return file


def make_real_series(project: Project | None = None, *, slices: int = 3) -> Series:
    """Make a series of real slices, arranged."""
    file, *_ = take_in(*mr_slices(slices), project=project)
    return Series.objects.get(pk=image_of(file).series_id)


def image_of(file: ImportedFile) -> Instance:
    """Return the image that the file became; there is one."""
    assert file.instance is not None
    return file.instance


def changed(path: Path, target: Path, **elements: Any) -> Path:
    """Write the DICOM file at `path` to `target` with other values."""
    dataset = pydicom.dcmread(path)
    for tag in [tag for tag in dataset.keys() if tag.group == 0]:  # noqa: SIM118  not a dict
        del dataset[tag]  # left from the network; files may not hold it
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.save_as(target)
    return target


def stored(folder: Path) -> set[str]:
    """Return the digests of all stored blobs, whoever's key encrypts them."""
    return {path.name.partition(".")[0] for path in folder.rglob("*") if path.is_file()}
