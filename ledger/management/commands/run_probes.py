"""run_probes: try every probe and platform control once, and record what was observed."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.evidence import probing

FAILED, USAGE = 1, 2


class Command(BaseCommand):
    """Exit code 1 if a probe observed something else than it must."""

    help = "Run every probe and platform control once; each observation becomes an entry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            probed = probing.run()
        except probing.ProbesRunningError as error:
            raise CommandError(str(error), returncode=USAGE) from None
        if options["json"]:
            self.stdout.write(json.dumps({"probes": [_as_json(each) for each in probed]}))
        else:
            for each in probed:
                seen = each.observation
                self.stdout.write(
                    f"{seen.result:8} {each.control}: {seen.attempted} ({seen.target}):"
                    f" {seen.observed}"
                )
        if any(each.observation.result in {"fail", "error"} for each in probed):
            sys.exit(FAILED)


def _as_json(probed: probing.Probed) -> dict[str, Any]:
    seen = probed.observation
    return {
        "control": probed.control,
        "target": seen.target,
        "attempted": seen.attempted,
        "expected": seen.expected,
        "observed": seen.observed,
        "result": seen.result,
        "examined": seen.examined,
        "details": dict(seen.details),
        "milliseconds": probed.milliseconds,
    }
