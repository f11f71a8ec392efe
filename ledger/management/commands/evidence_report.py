"""evidence_report: make a report and write it as PDF, JSON and a page that stands alone."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.evidence import catalogue, making
from ledger.evidence.page import standalone
from ledger.references import ORGANISATION
from ledger.registry import stream_named

USAGE = 2


class Command(BaseCommand):
    help = "Make an evidence report: report.pdf, report.json and report.html."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--catalogue", metavar="KEY", required=True)
        parser.add_argument("--project", metavar="SLUG", help="read this project's stream too")
        parser.add_argument("--out", metavar="DIR", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        key = self._stream_key(options["project"])
        try:
            report = making.request(
                options["catalogue"],
                stream_key=key,
                period=making.whole_period(key),
                by=making.MAKER,
            )
        except catalogue.UnknownCatalogueError as error:
            raise CommandError(str(error), returncode=USAGE) from None
        report = making.carry_out(report)
        out: Path = options["out"]
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / "report.pdf").write_bytes(bytes(report.pdf))
            (out / "report.json").write_bytes(bytes(report.report_json))
            (out / "report.html").write_text(standalone(bytes(report.report_json)))
        except OSError as error:
            raise CommandError(
                f"{out} cannot be written ({error.strerror}); choose another --out.",
                returncode=USAGE,
            ) from None
        counts = (f"{n} {name.replace('_', ' ')}" for name, n in report.counts.items() if n)
        self.stdout.write(f"{report.name}: {', '.join(counts)}; {report.pages} pages")
        self.stdout.write(f"sha256 {report.report_sha256}")

    def _stream_key(self, slug: str | None) -> str:
        if slug is None:
            return ORGANISATION
        key = stream_named(slug)
        if key is None:
            raise CommandError(f"There is no project {slug!r}.", returncode=USAGE)
        return key
