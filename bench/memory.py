"""How much memory a process held; needs no Django.  python -m bench.memory PROGRAM [ARG …]

Runs a Python program in this process, then writes that memory, in MiB, to standard error: what
the operating system tells of a child counts its parent's memory too.
"""

import runpy
import sys
from pathlib import Path


def most_held(process: int | str | None = None) -> float:
    """Return the most memory that a process, by default this one, ever held, in MiB."""
    status = Path(f"/proc/{process or 'self'}/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) / 1024


if __name__ == "__main__":
    del sys.argv[0]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        sys.stderr.write(f"{most_held():.1f}\n")
