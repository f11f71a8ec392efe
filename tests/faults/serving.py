"""The web server as `make demo` runs it, on a site of its own, in an environment of its own."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import IO

from tests.faults.harness import Site
from tests.load.client import Person

START_SECONDS = 180.0  # on a machine that is busy with more


@dataclass(frozen=True)
class Changed(Site):
    """A site as its processes see it, with some of their environment changed."""

    changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | dict(self.changes)


@contextmanager
def served(here: Site, application: str = "config.wsgi") -> Iterator[tuple[int, int]]:
    """Serve the site as `make demo` does; yield port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    with tempfile.TemporaryFile("w+") as log:
        process = here.begin(*command, "--log-level", "critical", log=log)
        try:
            _wait(port, process, log)
            yield port, process.pid
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _wait(port: int, process: subprocess.Popen[str], log: IO[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        person = Person(port)
        try:
            with closing(person.connection):
                if person.ask("GET", "/health/")[0] == 200:
                    return
        except OSError:
            time.sleep(0.1)
    process.kill()
    log.seek(0)
    raise RuntimeError(f"The server does not answer: {log.read()}")
