"""Fixtures of tests that bring images in."""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture
def store(settings: LazySettings, tmp_path: Path) -> Path:
    """Give the test a blob store of its own, and no worker that opens uploads beside it."""
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.IMPORT_WORKERS = 0
    return tmp_path / "blobs"
