"""A blob store of its own for each test."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture
def blob_dir(settings: Settings, tmp_path: Path) -> Path:
    """Point the blob store at an empty folder, with a key of its own."""
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.BLOB_KEY = b"a key for blobs of 32 bytes....."
    return tmp_path / "blobs"
