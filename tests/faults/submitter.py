"""Many people submit at once; what the server acknowledged is written down at once.

python -m tests.faults.submitter prepare COUNT
python -m tests.faults.submitter submit FILE [COUNT]
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WRITERS = 16


def prepare(count: int) -> None:
    """Make `count` readings that wait for their annotator."""
    from tests.annotations.flow import make_items, make_member
    from tests.factories import make_project

    project = make_project()
    make_items(project, annotator=make_member("annotator", project), count=count)


def submit(log: int, key: str) -> None:
    """Submit one reading and acknowledge it in the log; a refusal is told there too.

    With it stands how far the WAL was flushed then, as PostgreSQL counts it.
    """
    from django.db import DatabaseError, connection, transaction

    from annotations.models import Item
    from tests.annotations.flow import submitted

    word, flushed = "acked", "-"
    try:
        submitted(Item.objects.select_related("project", "annotator", "series").get(pk=key))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
            flushed = cursor.fetchone()[0]
    except (DatabaseError, transaction.TransactionManagementError):
        word = "unknown"
        connection.close()
    os.write(log, f"{word} {key} {flushed}\n".encode())  # one write below PIPE_BUF is whole


def main(arguments: list[str]) -> int:
    """Do what `arguments` ask."""
    import django

    django.setup()
    command, given, *most = arguments
    if command == "prepare":
        prepare(int(given))
        return 0
    from annotations.models import Item

    drafts = Item.objects.filter(state="draft").order_by("pk").values_list("pk", flat=True)
    waiting = [str(key) for key in (drafts[: int(most[0])] if most else drafts)]
    log = os.open(Path(given), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda key: submit(log, key), waiting))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
