"""Parsing and decoding in processes of their own, with limits, so a hostile file harms nothing.

A template process (`jail.py`), started on first use with an empty environment and, where the
system permits, without a network, forks one child per job.  The child limits its memory,
processor time, file size and wall time before it touches the file.  It knows no database, no
blob key and no session.  Not covered: the child runs under the same user as the caller, so it
could read what that user's files permit; run the workers under a user of their own.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from annotations import image_errors
from annotations.image_errors import DamagedImageError, ImageError, ImageLimitError
from annotations.imaging import wire

ROOT = Path(__file__).resolve().parents[2]
GRACE_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one job may use: bytes of memory, processor and wall seconds, bytes of one file."""

    memory: int = 3 * 1024**3
    cpu_seconds: int = 60
    wall_seconds: float = 60.0
    file_bytes: int = 1024**3


NORMAL = Limits()


@contextmanager
def job_folder() -> Iterator[Path]:
    """Make a folder only this user can enter; remove it afterwards with all it holds."""
    folder = Path(tempfile.mkdtemp(prefix="job-"))  # mode 0700
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(function: str, *, limits: Limits = NORMAL, **arguments: Any) -> Any:
    """Call `function`, "package.module.name", in a fresh process and return what it returns.

    Arguments and result are JSON values, bytes and paths; large results go to files in a
    `job_folder`.  Raises the ImageError the function raised, ImageLimitError if it was stopped
    or broke down, or DamagedImageError if it failed in any other way.
    """
    request = {"function": function, "arguments": arguments, "limits": asdict(limits)}
    here, there = socket.socketpair()
    with here:
        with there:
            _template().take(there)
        answer = _exchange(here, request, limits)
    if "error" in answer:
        raise _error(answer["error"])
    return answer["result"]


def has_network() -> bool:
    """Tell whether jobs could reach the network, because the system forbids leaving it."""
    return bool(run("annotations.imaging.jail.has_network"))


def _exchange(here: socket.socket, request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    here.settimeout(limits.wall_seconds + GRACE_SECONDS)
    child = 0
    try:
        child = int(wire.receive(here))
        wire.send(here, request)
        answer: dict[str, Any] = wire.receive(here)
    except TimeoutError:
        _kill(child)
        raise ImageLimitError(f"it took longer than {limits.wall_seconds:g} seconds") from None
    except (OSError, EOFError, json.JSONDecodeError):
        raise ImageLimitError("it used too much time or memory, or broke the decoder") from None
    return answer


def _error(answer: dict[str, str]) -> ImageError:
    kind = getattr(image_errors, answer["class"], None)
    if isinstance(kind, type) and issubclass(kind, ImageError):
        error = kind.__new__(kind)
        error.args = (answer["message"],)
        return error
    log.warning("sandbox job failed: %s at %s", answer["class"], answer["place"])
    return DamagedImageError(f"its content cannot be processed ({answer['class']})")


def _kill(child: int) -> None:
    """Kill a child that overran; its own alarm did so already unless it was taken over."""
    if child > 1:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            return


class _Template:
    """The warm process that forks children.  One for each process that asks."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._control, control = socket.socketpair()
        with control:
            # our own module under our own interpreter: no input in the command line
            self._process = subprocess.Popen(  # noqa: S603 - see above
                [sys.executable, "-m", "annotations.imaging.jail", str(control.fileno())],
                cwd=ROOT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=[control.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # decoders may quote the file there
            )

    def is_alive(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def take(self, there: socket.socket) -> None:
        socket.send_fds(self._control, [b"j"], [there.fileno()])

    def close(self) -> None:
        self._control.close()
        if self.owner == os.getpid():
            self._process.wait()


_lock = threading.Lock()
_templates: list[_Template] = []


def _template() -> _Template:
    with _lock:
        if not _templates or not _templates[-1].is_alive():
            stop()
            _templates.append(_Template())
        return _templates[-1]


def stop() -> None:
    """End the template process; the next job starts another."""
    while _templates:
        _templates.pop().close()


atexit.register(stop)
