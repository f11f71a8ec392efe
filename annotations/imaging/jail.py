"""Inside the sandbox: a template process that forks one limited child per job."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import socket
import sys
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from annotations.image_errors import ImageError, ImageTooLargeError
from annotations.imaging import wire

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_NO_NEW_PRIVS = 38
# Loaded once, so that a child has them at its birth
PRELOADED = (
    "numpy",
    "pydicom",
    "pydicom.pixels",
    "pydicom.pixels.decoders",
    "PIL.Image",
    "PIL.PngImagePlugin",
    "annotations.readers",
    "annotations.deid",
    "annotations.imaging.inside",
)


def main() -> None:
    """Fork a child for each connection that arrives, until the caller is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides when to end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children leave no zombies
    _leave_network()
    for name in PRELOADED:
        import_module(name)
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        with socket.socket(fileno=descriptors[0]) as connection:
            if os.fork() == 0:
                control.close()
                _child(connection)


def has_network() -> bool:
    """Tell whether this process sees any network interface besides a loopback that is down."""
    names = {name for _, name in socket.if_nameindex()}
    return names != {"lo"}


def _leave_network() -> None:
    """Enter an empty network namespace; a system that forbids it is reported by has_network."""
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if library.unshare(CLONE_NEWNET) != 0:
        library.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _child(connection: socket.socket) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        wire.send(connection, os.getpid())
        request = wire.receive(connection)
        _limit(**request["limits"])
        wire.send(connection, _answer(request))
    finally:
        os._exit(0)


def _limit(*, memory: int, cpu_seconds: int, wall_seconds: float, file_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no memory of a patient's file on disk
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # no children of its own
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, whatever code it is in
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    module, _, name = request["function"].rpartition(".")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function = getattr(import_module(module), name)
            return {"result": function(**request["arguments"])}
    except ImageError as error:
        return _refused(error)
    except MemoryError:
        return _refused(ImageTooLargeError("it needs more memory than one file may have"))
    except Exception as error:  # noqa: BLE001 - the caller gets its name and place, no values
        return {"error": {"class": type(error).__name__, "place": _place(error)}}


def _refused(error: ImageError) -> dict[str, Any]:
    return {"error": {"class": type(error).__name__, "message": str(error)}}


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


if __name__ == "__main__":
    main()
