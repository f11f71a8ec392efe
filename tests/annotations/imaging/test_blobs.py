"""The blob store gives back what was put, or says what is wrong; never half a file."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from annotations.errors import BlobDamagedError, BlobMissingError, BlobStoreError
from annotations.imaging import blobs

# The folder is shared by a test's examples: content-addressed, they do not disturb each other
shared_folder = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)


def file_of(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


@shared_folder
@given(content=st.binary(max_size=5000))
def test_what_was_put_comes_back_under_its_digest(blob_dir: Path, content: bytes) -> None:
    digest = blobs.put(content, kind="image")

    assert digest == hashlib.sha256(content).hexdigest()
    assert blobs.get(digest) == content


@shared_folder
@given(
    content=st.binary(min_size=1, max_size=200), at=st.integers(0, 10**6), bit=st.integers(0, 7)
)
def test_any_flipped_bit_is_found(blob_dir: Path, content: bytes, at: int, bit: int) -> None:
    digest = blobs.put(content, kind="image")
    path = file_of(blob_dir, digest)
    sealed = bytearray(path.read_bytes())
    sealed[at % len(sealed)] ^= 1 << bit
    path.write_bytes(sealed)

    with pytest.raises(BlobDamagedError, match="restore it from the backup"):
        blobs.get(digest)


@pytest.mark.parametrize("length", [0, 3, 20, 30])
def test_a_cut_file_is_damaged(blob_dir: Path, length: int) -> None:
    digest = blobs.put(b"content", kind="image")
    path = file_of(blob_dir, digest)
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(BlobDamagedError):
        blobs.get(digest)


def test_putting_again_keeps_one_copy_and_mends_a_damaged_one(blob_dir: Path) -> None:
    digest = blobs.put(b"content", kind="image")
    path = file_of(blob_dir, digest)
    before = path.read_bytes()

    blobs.put(b"content", kind="image")
    assert path.read_bytes() == before

    path.write_bytes(b"damage")
    blobs.put(b"content", kind="image")
    assert blobs.get(digest) == b"content"


def test_content_is_not_readable_on_disk_nor_by_others(blob_dir: Path) -> None:
    digest = blobs.put(b"CANARY" * 100, kind="original")
    path = file_of(blob_dir, digest)

    assert b"CANARY" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_blob_under_another_name_does_not_open(blob_dir: Path) -> None:
    one, other = blobs.put_many([b"one", b"other"], kind="image")
    file_of(blob_dir, other).write_bytes(file_of(blob_dir, one).read_bytes())

    with pytest.raises(BlobDamagedError, match="seal is broken"):
        blobs.get(other)


def test_other_content_under_a_good_seal_is_not_served(blob_dir: Path) -> None:
    digest = blobs.put(b"content", kind="image")
    path = file_of(blob_dir, digest)
    start, nonce = path.read_bytes()[:12], b"n" * 12
    key = b"a key for blobs of 32 bytes....."
    sealed = AESGCM(key).encrypt(nonce, b"other content", start + bytes.fromhex(digest))
    path.write_bytes(start + nonce + sealed)

    with pytest.raises(BlobDamagedError, match="does not match its name"):
        blobs.get(digest)


def test_another_key_does_not_open_it(blob_dir: Path, settings: Settings) -> None:
    digest = blobs.put(b"content", kind="image")
    settings.BLOB_KEY = b"another key for blobs, 32 bytes."

    with pytest.raises(BlobDamagedError, match="another key"):
        blobs.get(digest)


def test_a_missing_blob_is_said_to_be_missing(blob_dir: Path) -> None:
    with pytest.raises(BlobMissingError, match="is missing"):
        blobs.get("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_name_that_is_no_digest_is_refused(blob_dir: Path, name: str) -> None:
    with pytest.raises(ValueError, match="64 lower-case"):
        blobs.get(name)


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_so(
    blob_dir: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.BLOB_DIR = tmp_path / "file" / "blobs"

    with pytest.raises(BlobStoreError, match="Nothing was kept"):
        blobs.put(b"content", kind="image")


def test_several_blobs_are_kept_in_order_and_equal_ones_once(blob_dir: Path) -> None:
    digests = blobs.put_many([b"a", b"b", b"a"], kind="frame")

    assert [blobs.get(each) for each in digests] == [b"a", b"b", b"a"]
    assert len([path for path in blob_dir.rglob("*") if path.is_file()]) == 2


WRITER = """
import os, sys
from django.conf import settings
settings.configure(BLOB_DIR=sys.argv[1], BLOB_KEY=b"k" * 32)
from annotations.imaging import blobs
print("ready", flush=True)
number = 0
while True:
    blobs.put(number.to_bytes(4, "big") + os.urandom(100_000), kind="image")
    number += 1
"""


@pytest.mark.parametrize("pause", [0.05, 0.11, 0.2])
def test_a_killed_writer_leaves_only_whole_blobs(
    tmp_path: Path, settings: Settings, pause: float
) -> None:
    settings.BLOB_DIR, settings.BLOB_KEY = tmp_path, b"k" * 32
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    )
    with writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            writer.wait(pause)
        except subprocess.TimeoutExpired:
            writer.kill()

    names = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    kept = [name for name in names if not name.startswith(".")]
    assert kept
    assert all(hashlib.sha256(blobs.get(name)).hexdigest() == name for name in kept)
