"""Write a frozen dataset in a file format."""

import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import ledger
from annotations import export
from annotations.errors import AnnotationsError
from annotations.formats import formats
from annotations.models import Snapshot

ACTOR = "system:export_snapshot"


class Command(BaseCommand):
    """Record the export of a snapshot, then write its files."""

    help = "Export a snapshot; the export is recorded before its files are written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--snapshot", required=True, metavar="ID")
        parser.add_argument("--format", required=True, choices=sorted(formats))
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")

    def handle(self, *_args: Any, **options: Any) -> None:
        out: Path = options["out"]
        one = _snapshot(options["snapshot"])
        try:
            out.mkdir(parents=True, exist_ok=True)
            with ledger.origin(device="command line"):
                package = export.export(one, format_name=options["format"], by=ACTOR)
            for name, content in package.files.items():
                (out / name).write_bytes(content)
        except AnnotationsError as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(
                f"The folder {out} cannot be written: {error.strerror}. Choose another."
            ) from error
        for name in package.files:
            self.stdout.write(str(out / name))


def _snapshot(key: str) -> Snapshot:
    try:
        return Snapshot.objects.select_related("project").get(pk=uuid.UUID(key))
    except (ValueError, Snapshot.DoesNotExist) as error:
        raise CommandError(f"There is no snapshot “{key}”.") from error
