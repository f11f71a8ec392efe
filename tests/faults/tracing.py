"""System calls of running processes, watched or made to fail, by strace."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import machine


@contextmanager
def traced(pids: Iterable[int], *options: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Trace these processes, with `options` of strace, until the end; they live on.

    `folder` takes what strace says of itself.  Raises RuntimeError where it may not trace.
    """
    machine.require("strace")
    wanted = list(pids)
    attach = [option for pid in wanted for option in ("-p", str(pid))]
    said = folder / "strace"
    with said.open("w") as errors:
        process = subprocess.Popen(
            ["strace", *options, *attach], stderr=errors, stdin=subprocess.DEVNULL, text=True
        )
    try:
        machine.wait_until(
            lambda: (
                process.poll() is not None
                or said.read_text(errors="replace").count(" attached") >= len(wanted)
            ),
            "strace",
        )
        if process.poll() is not None:
            raise RuntimeError(f"strace cannot trace here: {said.read_text()}")
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # which lets them go
        process.wait(machine.PATIENCE)
