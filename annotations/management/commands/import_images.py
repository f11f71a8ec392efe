"""Take image files in from the command line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

import ledger
from accounts.models import Project
from annotations import batches, ingest
from annotations.image_errors import BlobError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from annotations.models import ImportedFile


class Command(BaseCommand):
    """Import every file given, and every file below the folders given."""

    help = "De-identify, check and store image files; each ends with one outcome."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    def handle(self, *_args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project “{options['project']}”.")
        paths = list(files_below(options["paths"]))
        if not paths:
            raise CommandError("There is no file in these folders.")
        started = time.monotonic()
        with ledger.origin(role="system"):
            outcomes = self._import(project, paths)
        seconds = round(time.monotonic() - started, 3)
        if options["json"]:
            self.stdout.write(json.dumps({"files": outcomes, "seconds": seconds}, indent=1))
        else:
            self._say(outcomes, seconds)
        if any(outcome["status"] is None for outcome in outcomes):
            raise CommandError("Some files have no outcome; mend the cause and import again.")

    def _import(self, project: Project, paths: list[Path]) -> list[dict[str, Any]]:
        batch = batches.begin(project, by=batches.SYSTEM, listed=len(paths))
        outcomes = []
        bar = tqdm(paths, unit="file", disable=not sys.stderr.isatty(), file=sys.stderr)
        for number, path in enumerate(bar, start=1):
            try:
                file = ingest.import_file(batch, number=number, path=path, by=batches.SYSTEM)
            except (BlobError, OSError) as error:
                reason = str(error) if isinstance(error, BlobError) else error.strerror
                outcomes.append(
                    {"path": str(path), "status": None, "reason": reason, "series": None}
                )
            else:
                outcomes.append({"path": str(path), **outcome_of(file)})
        batches.finish(batch, by=batches.SYSTEM)
        return outcomes

    def _say(self, outcomes: list[dict[str, Any]], seconds: float) -> None:
        for outcome in outcomes:
            why = f": {outcome['reason']}" if outcome["reason"] else ""
            self.stdout.write(f"{outcome['status'] or 'no outcome'}  {outcome['path']}{why}")
        plural = "" if len(outcomes) == 1 else "s"
        self.stdout.write(f"{len(outcomes):,} file{plural} in {seconds:.1f} s")


def files_below(paths: list[Path]) -> Iterator[Path]:
    """Yield the files given and those below the folders given, in the order of their names.

    Raises CommandError for a path that does not exist.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(below for below in path.rglob("*") if below.is_file())
        elif path.exists():
            yield path
        else:
            raise CommandError(f"There is no file or folder {path}.")


def outcome_of(file: ImportedFile) -> dict[str, str | None]:
    """Return what scripts are told of a file with its outcome."""
    series = str(file.instance.series_id) if file.instance else None
    return {"status": file.status, "reason": file.reason or None, "series": series}
