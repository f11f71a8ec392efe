"""What happens in the sandbox stays there: time, memory, crashes, files, secrets."""

import threading
import time
from pathlib import Path

import pytest

from annotations.errors import (
    DamagedImageError,
    ImageError,
    ImageLimitError,
    ImageTooLargeError,
)
from annotations.imaging import sandbox
from annotations.imaging.sandbox import Limits

JOBS = "tests.annotations.imaging.sandboxed"


def test_values_bytes_and_lists_cross_and_return() -> None:
    value = {"n": 1, "text": "ä", "bytes": b"\0\xff", "list": [1, "2", None]}

    assert sandbox.run(f"{JOBS}.echo", value=value) == value


def test_a_refusal_comes_back_as_itself() -> None:
    with pytest.raises(DamagedImageError, match=r"damaged: the test says so\."):
        sandbox.run(f"{JOBS}.refuse")


def test_any_other_failure_is_an_image_error_that_quotes_nothing() -> None:
    with pytest.raises(ImageError) as caught:
        sandbox.run(f"{JOBS}.fail")

    assert "KeyError" in str(caught.value)
    assert "patient" not in str(caught.value)


@pytest.mark.parametrize("job", ["spin", "sleep", "stop_the_alarm_and_sleep"])
def test_a_job_that_overruns_is_stopped(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "GRACE_SECONDS", 0.5)
    before = time.monotonic()

    with pytest.raises(ImageLimitError, match="was stopped"):
        sandbox.run(f"{JOBS}.{job}", limits=Limits(wall_seconds=0.5))

    assert time.monotonic() - before < 10


def test_processor_time_is_limited() -> None:
    with pytest.raises(ImageLimitError):
        sandbox.run(f"{JOBS}.spin", limits=Limits(cpu_seconds=1, wall_seconds=20))


def test_memory_is_limited() -> None:
    with pytest.raises(ImageTooLargeError, match="memory"):
        sandbox.run(f"{JOBS}.hoard")


def test_a_crash_of_a_decoder_is_an_image_error_and_the_next_job_runs() -> None:
    with pytest.raises(ImageLimitError, match="broke the decoder"):
        sandbox.run(f"{JOBS}.crash")

    assert sandbox.run(f"{JOBS}.echo", value=1) == 1


def test_files_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "flood"

    with pytest.raises(ImageError):
        sandbox.run(f"{JOBS}.flood", path=path, limits=Limits(file_bytes=5 * 2**20))

    assert path.stat().st_size <= 5 * 2**20


def test_a_job_sees_no_secrets_of_its_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")

    seen = sandbox.run(f"{JOBS}.environment")

    assert set(seen["names"]) <= {
        "LANG",
        "PATH",
        "OPENBLAS_NUM_THREADS",
        "LC_CTYPE",
        "GDCM_RESOURCES_PATH",
    }
    assert not seen["django"]
    assert seen["descriptors"] <= 6


def test_many_threads_run_jobs_at_once() -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(sandbox.run(f"{JOBS}.echo", value=n)))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == list(range(12))


def test_a_template_that_died_is_replaced() -> None:
    sandbox.run(f"{JOBS}.echo", value=1)
    sandbox.stop()

    assert sandbox.run(f"{JOBS}.echo", value=2) == 2


def test_a_job_folder_is_private_and_leaves_nothing() -> None:
    with sandbox.job_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "file").write_text("x")

    assert not folder.exists()
