"""verify_ledger: recompute the record and compare; exit 0 only if every verdict is good."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import runs
from ledger.models import Stream
from ledger.verify import StreamVerdict, Verification, as_json

GOOD, FAILED, USAGE = 0, 1, 2
MAX_WORKERS = 64


class Command(BaseCommand):
    """Exit codes: 0 good, 1 failed, 2 usage; 3, unknown, needs checkpoints to arise."""

    help = "Verify every stream of the record, the database's guards and the apps' tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stream", metavar="ORIGIN", help="only this stream")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
        parser.add_argument("--checkpoint", metavar="FILE", help="a signed note to hold it to")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["checkpoint"]:
            raise CommandError(
                "This version signs no checkpoints, so it cannot hold the record to one;"
                " run it without --checkpoint.",
                returncode=USAGE,
            )
        if not 1 <= options["workers"] <= MAX_WORKERS:
            raise CommandError(f"--workers is 1 to {MAX_WORKERS}.", returncode=USAGE)
        verification = self._verify(options["stream"] or "", options["workers"])
        if options["json"]:
            self.stdout.write(json.dumps(as_json(verification)))
        else:
            self._print(verification)
        if not verification.good:
            sys.exit(FAILED)

    def _verify(self, origin: str, workers: int) -> Verification:
        if origin and not Stream.objects.filter(origin=origin).exists():
            known = ", ".join(Stream.objects.order_by("id").values_list("origin", flat=True))
            raise CommandError(
                f"There is no stream {origin!r}. There are: {known or 'none yet'}.",
                returncode=USAGE,
            )
        try:
            run = runs.start(by="system:verify_ledger", scope=origin)
        except runs.AlreadyRunningError as error:
            raise CommandError(str(error), returncode=USAGE) from None
        return runs.carry_out(run, workers=workers)

    def _print(self, verification: Verification) -> None:
        for stream in verification.streams:
            self._print_stream(stream)
        counts = verification.reconciliation.counts()
        self.stdout.write(
            "Rows against entries: "
            + ", ".join(
                f"{number:,} {kind.replace('_', ' ')}" for kind, number in counts.items()
            )
        )
        for found in verification.reconciliation.listed:
            place = "" if found.seq is None else f", entry #{found.seq:,} of {found.origin}"
            self.stdout.write(f"  {found.ref}{place}: {found.message}")
        outcome = "Every verdict is good" if verification.good else "A verdict is not good"
        self.stdout.write(f"{outcome}. {verification.seconds:.1f} s.")

    def _print_stream(self, stream: StreamVerdict) -> None:
        self.stdout.write(
            f"{stream.origin}: {stream.size:,} entries,"
            f" integrity {stream.integrity}, completeness {stream.completeness}"
        )
        for fault in stream.faults:
            place = "" if fault.seq is None else f" entry #{fault.seq:,}:"
            self.stdout.write(f"  {fault.code}{place} {fault.message}")
