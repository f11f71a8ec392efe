"""run_witness: cosign other people's checkpoints, so that nobody can show two histories."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.anchors.witness import Witness, WitnessError
from ledger.anchors.witness_server import WitnessServer
from ledger.signing_keys import SignerError
from ledger.verifier.notes import NoteError, VKey

PORTS = range(65536)


class Command(BaseCommand):
    """It needs no database; what it remembers is in DIR alone.  docs/witnesses.md says more."""

    help = "Run a witness (C2SP tlog-witness) for the logs of others until it is ended."
    requires_system_checks: list[str] = []  # they ask for the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dir", required=True, metavar="DIR", help="its key and memory")
        parser.add_argument("--listen", required=True, metavar="HOST:PORT", help="port 0: any")
        parser.add_argument("--name", required=True, help="such as witness.example.org/w1")
        parser.add_argument(
            "--log",
            required=True,
            action="append",
            metavar="VKEY",
            help="a log to follow; the vkey of an organisation's stream opens its whole site",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        address = self._address(options["listen"])
        try:
            logs = [VKey.parse(text) for text in options["log"]]
            witness = Witness(Path(options["dir"]).absolute(), options["name"], logs)
        except (NoteError, WitnessError, SignerError) as error:
            raise CommandError(str(error)) from None
        try:
            server = WitnessServer(address, witness)
        except OSError as error:
            raise CommandError(f"Cannot listen at {options['listen']}: {error}") from None
        host, port = server.server_address[:2]
        self.stdout.write(f"Its vkey: {witness.vkey}")
        self.stdout.write(f"Listening on http://{host!s}:{port}, until Ctrl-C.")
        self.stdout.flush()
        self._serve(server)
        witness.close()

    def _address(self, text: str) -> tuple[str, int]:
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or int(port) not in PORTS:
            raise CommandError("--listen is HOST:PORT, such as 127.0.0.1:8090.")
        return host.strip("[]"), int(port)

    def _serve(self, server: WitnessServer) -> None:
        """Serve until SIGINT or SIGTERM; what is being answered then is answered."""

        def end(*_: Any) -> None:
            threading.Thread(target=server.shutdown, daemon=True).start()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        with server:
            server.serve_forever(poll_interval=0.2)
