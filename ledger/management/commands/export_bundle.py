"""export_bundle: write the inspection bundle of a project, a period or one record."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ledger.bundle import making
from ledger.bundle.errors import BundleError
from ledger.bundle.scope import Scope, ScopeError
from ledger.references import ORGANISATION
from ledger.registry import stream_named
from ledger.signing_keys import SignerError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from ledger.bundle.writing import Made

FAILED, USAGE = 1, 2
ACTOR = "system:export_bundle"


class Command(BaseCommand):
    """Exit code 1 if no bundle could be made, 2 if it was asked for in a wrong way."""

    help = "Write the inspection bundle: entries, proofs, a copy to read, and two verifiers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--project", metavar="SLUG", help="the project's stream")
        what.add_argument(
            "--organisation", action="store_true", help="the organisation's stream alone"
        )
        parser.add_argument("--out", metavar="FILE.zip", type=Path, required=True)
        parser.add_argument("--from", dest="since", metavar="DAY", type=day, help="UTC")
        parser.add_argument("--until", metavar="DAY", type=day, help="UTC, included")
        parser.add_argument("--record", metavar="REF", help="one record, like app.thing:id")
        parser.add_argument(
            "--with-blobs", action="store_true", help="put the files in that entries name"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if not out.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {out.absolute().parent}.", returncode=USAGE)
        if out.exists() or out.is_symlink():
            raise CommandError(
                f"{out} is there already; choose another name or move it away.",
                returncode=USAGE,
            )
        scope = self._scope(options)
        bundle = making.request(scope, by=ACTOR)
        try:
            with _Bar() as bar:
                made = making.carry_out(
                    bundle, out, with_files=options["with_blobs"], progress=bar
                )
        except (BundleError, SignerError) as error:
            raise CommandError(str(error), returncode=FAILED) from None
        self._say(out, made)

    def _scope(self, options: dict[str, Any]) -> Scope:
        key = ORGANISATION if options["organisation"] else stream_named(options["project"])
        if key is None:
            raise CommandError(f"There is no project {options['project']!r}.", returncode=USAGE)
        try:
            return Scope(
                key=key,
                since=options["since"],
                until=options["until"],
                record=options["record"],
            )
        except ScopeError as error:
            raise CommandError(str(error), returncode=USAGE) from None

    def _say(self, out: Path, made: Made) -> None:
        note = made.heads.organisation.note
        held = (
            f"{made.shown:,} entries shown, {made.withheld:,} withheld, {made.erased:,} erased,"
            f" {made.signatures:,} signatures"
        )
        lines = (
            f"{out}: {made.size:,} bytes, sha256 {made.sha256}",
            f"{made.order.scope.words}: {held}",
            "It was verified before it got its name.",
            "",
            "Keep apart from the bundle, and give it to whoever checks by another way:",
            f"key         {made.vkey}",
            "checkpoint  " + note.replace("\n", "\n            ").rstrip(),
            "",
            "Check it without us: take verify.py out of it, or open its verify.html, then",
            f"python3 verify.py {out.name} --key '{made.vkey}'",
        )
        self.stdout.write("\n".join(lines))


def day(text: str) -> date:
    """Read a day written like 2026-11-23; argparse tells who writes another."""
    return date.fromisoformat(text)


class _Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __enter__(self) -> _Bar:
        self._bar: tqdm[Any] = tqdm(
            disable=not sys.stderr.isatty(), file=sys.stderr, leave=False, unit_scale=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._bar.set_description(stage, refresh=False)
        self._bar.total = total or None
        self._bar.n = done
        self._bar.refresh()
