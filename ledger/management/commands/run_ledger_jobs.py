"""run_ledger_jobs: the ledger's clockwork as a process of its own; SIGTERM ends it."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import jobs, sealer
from ledger.signing_keys import SignerError


class Command(BaseCommand):
    help = (
        "Sign checkpoints, anchor them, verify each night and renew time stamps until"
        " ended. For a site whose web process has LEDGER_JOBS=0, so that it cannot read keys."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        end = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: end.set())
        try:
            jobs.look_at_start()
        except SignerError as error:
            raise CommandError(str(error)) from None
        sealer.run_in_background()  # a stream whose lock is held must not stop the clockwork
        jobs.Clockwork(end).run()
