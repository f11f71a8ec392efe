"""A process that appends to one project's record, as fast as it can, one entry a transaction.

python -m tests.faults.appending prepare
python -m tests.faults.appending PROJECT WRITER COUNT
"""

import sys
from typing import Any


def prepare() -> str:
    """Make a project and return its key."""
    from tests.factories import make_project

    return str(make_project().pk)


def append(project: Any, writer: str, number: int) -> None:
    """Append one entry that says who wrote it and how many the writer wrote before."""
    from django.db import transaction

    import ledger
    from accounts.events.sign_in import AccessRefused

    with transaction.atomic():
        ledger.append(
            AccessRefused(act=f"writer {writer} entry {number}", rule="forbidden"),
            actor="system:writer",
            subject=project,
        )


def main(arguments: list[str]) -> None:
    """Do what `arguments` ask; print the project, or how many entries were acknowledged."""
    import django

    django.setup()
    if arguments == ["prepare"]:
        sys.stdout.write(prepare())
        return
    from accounts.models import Project

    key, writer, count = arguments
    project = Project.objects.get(pk=key)
    for number in range(int(count)):
        append(project, writer, number)
    sys.stdout.write(count)


if __name__ == "__main__":
    main(sys.argv[1:])
