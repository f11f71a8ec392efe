"""verify_ledger: recompute the record and compare; exit 0 only if every verdict is good."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from ledger import runs
from ledger.models import Stream
from ledger.signing_keys import SignerError
from ledger.unreadable import UnreadableError
from ledger.verdicts import StreamVerdict, Verification, as_json
from ledger.verifier.notes import NoteError, VKey

GOOD, FAILED, USAGE, UNKNOWN = 0, 1, 2, 3
EXITS = {"ok": GOOD, "failed": FAILED, "unknown": UNKNOWN}
WORDS = {
    "ok": "Every verdict is good",
    "failed": "A verdict is not good",
    "unknown": "Nothing is wrong, but nobody vouches for the end of a stream",
}
GONE = (
    OperationalError,
    InterfaceError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,  # segments are copied beside Django
)
NO_ANSWER = "The database stopped answering, so nothing is verified; look into its log."
MAX_WORKERS = 64
MAX_NOTE = 1 << 20


class Command(BaseCommand):
    """Exit codes: 0 good, 1 failed, 2 usage or unreadable, 3 unknown."""

    help = "Verify every stream of the record, the database's guards and the apps' tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stream", metavar="ORIGIN", help="only this stream")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="VKEY",
            help="trust this key instead of those in the signer's folder",
        )
        parser.add_argument(
            "--checkpoint",
            action="append",
            default=[],
            metavar="FILE",
            help="a signed note to hold the record to",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["workers"] <= MAX_WORKERS:
            raise CommandError(f"--workers is 1 to {MAX_WORKERS}.", returncode=USAGE)
        notes = [_read(name) for name in options["checkpoint"]]
        try:
            keys = [VKey.parse(text) for text in options["key"]]
            verification = self._verify(options, keys, notes)
        except (NoteError, SignerError, UnreadableError) as error:
            raise CommandError(str(error), returncode=USAGE) from None
        except GONE as error:
            raise CommandError(NO_ANSWER, returncode=USAGE) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(verification)))
        else:
            self._print(verification)
        if verification.status != "ok":
            sys.exit(EXITS[verification.status])

    def _verify(
        self, options: dict[str, Any], keys: list[VKey], notes: list[bytes]
    ) -> Verification:
        origin = options["stream"] or ""
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
        return runs.carry_out(run, workers=options["workers"], keys=keys, notes=notes)

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
        self.stdout.write(f"{WORDS[verification.status]}. {verification.seconds:.1f} s.")

    def _print_stream(self, stream: StreamVerdict) -> None:
        self.stdout.write(
            f"{stream.origin}: {stream.size:,} entries,"
            f" integrity {stream.integrity}, completeness {stream.completeness}"
        )
        for fault in stream.faults:
            place = "" if fault.seq is None else f" entry #{fault.seq:,}:"
            self.stdout.write(f"  {fault.code}{place} {fault.message}")


def _read(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_NOTE)
    except OSError as error:
        raise CommandError(
            f"The checkpoint {name} cannot be read: {error.strerror}.", returncode=USAGE
        ) from None
