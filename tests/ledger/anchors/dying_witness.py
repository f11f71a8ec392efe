"""A witness that dies: `manage.py run_witness`, killed at a step of its first cosignature.

    python -m tests.ledger.anchors.dying_witness STEP run_witness ARGUMENTS…

STEP is "before" it remembers, "between" the stream's file and the counter, or "after" both,
when everything is durable and nothing was answered.  The process kills itself (SIGKILL).
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import execute_from_command_line


def kill_self(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(step: str) -> None:
    """Let this process die at a step of the next cosignature."""
    from ledger.anchors import witness  # whose package needs the apps

    if step == "before":
        setattr(witness.Witness, "_remember", kill_self)  # noqa: B010  a part of ours dies here
    elif step == "after":
        setattr(witness, "cosigned_message", kill_self)  # noqa: B010
    else:
        write = getattr(witness, "write_private")  # noqa: B009

        def write_unless_counter(path: Path, content: bytes) -> None:
            if path.name == "count":
                kill_self()
            write(path, content)

        setattr(witness, "write_private", write_unless_counter)  # noqa: B010


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    die_at(sys.argv[1])
    execute_from_command_line(["manage.py", *sys.argv[2:]])
