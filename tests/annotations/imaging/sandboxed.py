"""What the sandbox tests run inside it."""

import ctypes
import os
import time
from pathlib import Path

from annotations.errors import DamagedImageError


def echo(value: object) -> object:
    return value


def environment() -> dict[str, object]:
    """Return what a job can see of its surroundings."""
    return {
        "names": sorted(os.environ),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "django": "django" in __import__("sys").modules,
    }


def refuse() -> None:
    raise DamagedImageError("the test says so")


def fail() -> None:
    raise KeyError("a patient's name")


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(600)


def stop_the_alarm_and_sleep() -> None:
    import signal

    signal.setitimer(signal.ITIMER_REAL, 0)
    time.sleep(600)


def hoard() -> int:
    return len(bytearray(8 * 1024**3))


def crash() -> None:
    ctypes.string_at(0)


def flood(path: str) -> None:
    with Path(path).open("wb") as file:
        while True:
            file.write(bytes(2**20))
