"""A witness to talk to: in this process, or as `manage.py run_witness` in one of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ledger.anchors.add_checkpoint import request_body
from ledger.anchors.base import Head
from ledger.anchors.fetch import Answer, post
from ledger.anchors.witness import Witness
from ledger.anchors.witness_server import WitnessServer
from ledger.verifier.notes import VKey

ROOT = Path(__file__).resolve().parents[3]
NAME = "witness.example/w1"
STEPS = ("before", "between", "after")  # see dying_witness


class Running(NamedTuple):
    """A witness that listens: its address, its vkey, and its process if it has its own."""

    url: str
    vkey: VKey
    process: subprocess.Popen[str] | None = None


def submit(url: str, head: Head, old: int, proof: Sequence[bytes] | None = None) -> Answer:
    """Send a checkpoint to a witness, with the honest proof unless another is given."""
    sent = list(head.proof(old) if proof is None else proof)
    body = request_body(old, sent, head.note)
    return post(f"{url}/add-checkpoint", body, "text/plain", limit=1 << 16)


@contextmanager
def in_process(
    folder: Path,
    logs: Sequence[VKey],
    *,
    name: str = NAME,
    clock: Callable[[], float] | None = None,
) -> Iterator[Running]:
    """Yield a witness that answers in threads of this process."""
    witness = Witness(folder, name, logs, **({"clock": clock} if clock else {}))
    server = WitnessServer(("127.0.0.1", 0), witness)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_address[1]}", witness.vkey)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        witness.close()


@contextmanager
def as_a_process(
    folder: Path, logs: Sequence[VKey], *, name: str = NAME, dying: str = "", port: int = 0
) -> Iterator[Running]:
    """Yield a witness in a process of its own, which is ended afterwards if it still runs.

    `dying` is one of STEPS, at which its first cosignature kills it; port 0 is any.
    """
    program = ["-m", "tests.ledger.anchors.dying_witness", dying] if dying else ["manage.py"]
    arguments = ["run_witness", "--dir", str(folder), "--listen", f"127.0.0.1:{port}"]
    arguments += ["--name", name, *(f"--log={log}" for log in logs)]
    with subprocess.Popen(
        [sys.executable, *program, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            vkey = VKey.parse(process.stdout.readline().rpartition(" ")[2].strip())
            url = process.stdout.readline().split()[2].rstrip(",")
            yield Running(url, vkey, process)
        finally:
            process.terminate()
            process.wait(20)
