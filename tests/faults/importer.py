"""Take images in, one process each, so that one of them can be watched or killed.

python -m tests.faults.importer FILE

Reads slugs of projects to come, one a line.  For each it prints the number of a process that is
stopped; continued, it makes the project and imports FILE into it.  Then it prints how it ended.
An empty line has it look at everything stored and print what is wrong, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path


def take_in(slug: str, path: Path) -> None:
    """Import one file into a project of its own."""
    from annotations import batches, ingest
    from tests.factories import make_project

    project = make_project(slug=slug)
    batch = batches.begin(project, by=batches.SYSTEM, listed=1)
    file = ingest.import_file(batch, number=1, path=path, by=batches.SYSTEM)
    batches.finish(batch, by=batches.SYSTEM)
    if file.status != "imported":
        raise RuntimeError(file.reason)


def look() -> dict[str, list[str]]:
    """Return which images have no whole blob, and which files are no whole blob."""
    from django.conf import settings

    from annotations.image_errors import BlobError
    from annotations.imaging import blobs
    from annotations.models import Instance

    def is_whole(digest: str, owner: str) -> bool:
        try:
            blobs.get(digest, owner=owner)
        except BlobError:
            return False
        return True

    named = [
        name
        for path in sorted(Path(settings.BLOB_DIR).rglob("[0-9a-f]*"))
        if path.is_file() and (name := path.name)
    ]
    wanted = {
        (digest, str(image.pk))
        for image in Instance.objects.all()
        for digest in (image.file_sha256, image.thumbnail, *image.renditions)
    }
    return {
        "images": sorted({pk for _, pk in wanted}),
        "without": sorted(pk for digest, pk in wanted if not is_whole(digest, "")),
        "files": named,
        "half": [name for name in named if not is_whole(*name.partition(".")[::2])],
    }


def main(path: Path) -> int:
    """Do what the lines ask."""
    import django

    django.setup()
    from django.db import connections

    from annotations import batches, ingest  # noqa: F401  loaded once, not in each process
    from tests import factories  # noqa: F401

    for line in sys.stdin:
        if not line.strip():
            sys.stdout.write(json.dumps(look()) + "\n")
            connections.close_all()
        elif (pid := os.fork()) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            take_in(line.strip(), path)
            connections.close_all()
            os._exit(0)
        else:
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
            sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
