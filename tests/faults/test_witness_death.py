"""Fault 6: our witness is killed between remembering and answering; it contradicts nothing."""

import json
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ledger.anchors.add_checkpoint import request_body
from ledger.anchors.fetch import Answer, post
from ledger.verifier.notes import Checkpoint, Note, NoteLine, VKey, checkpoint_text, note_bytes
from tests.faults.harness import Site, site
from tests.faults.serving import Changed
from tests.faults.telling import Case, long_run
from tests.faults.writing import integrity_of
from tests.ledger.anchors.witnessing import STEPS, as_a_process

RETRIED = 180.0  # seconds in which a log has asked again, on a slow machine


def anchor(here: Site, project: str, entries: int = 0) -> dict[str, Any]:
    """Let the record grow, and hand it to its witness."""
    done = here.run("-m", "tests.faults.anchoring", project, str(entries))
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def cosigned(said: dict[str, Any]) -> dict[tuple[str, int], str]:
    """Return the root of each checkpoint that the witness cosigned, by stream and size."""
    mine = [each for each in said["outcomes"] if each["kind"] == "witness"]
    return {(each["origin"], each["size"]): each["root"] for each in mine if each["is_taken"]}


def kept(folder: Path) -> list[dict[str, Any]]:
    """Return what the witness remembers of each stream."""
    return [json.loads(path.read_text()) for path in (folder / "streams").glob("[!.]*.json")]


def ask_for_another(here: Site, url: str, seen: dict[str, Any], *, old: int) -> Answer:
    """Ask, with the log's own key, to cosign another history of the size that was seen."""
    pem = (here.folder / "signer" / "keys" / "0.pem").read_bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, Ed25519PrivateKey)
    text = checkpoint_text(Checkpoint(seen["origin"], seen["size"], bytes(32)))
    vkey = VKey.for_origin(seen["origin"], key.public_key().public_bytes_raw())
    line = NoteLine(seen["origin"], vkey.key_id, key.sign(text.encode()))
    body = request_body(old, [], note_bytes(Note(text, [line])).decode())
    return post(f"{url}/add-checkpoint", body, "text/plain", limit=1 << 16)


def anchor_again(here: Site, project: str, origins: set[str]) -> dict[tuple[str, int], str]:
    """Ask until the witness has cosigned these: a log waits a while after each failure."""
    deadline, got = time.monotonic() + RETRIED, cosigned(anchor(here, project))
    while not (got and origins <= {origin for origin, _ in got}):
        assert time.monotonic() < deadline, "no cosignature in time"
        time.sleep(5)
        got |= cosigned(anchor(here, project))
    return got


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@long_run
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_witness_cosigns_no_second_history(step: str, tmp_path: Path) -> None:
    case, folder, port = Case(row=6), tmp_path / "witness", free_port()
    with site() as here:
        project = here.run("-m", "tests.faults.appending", "prepare").stdout
        logs = [VKey.parse(anchor(here, project, 3)["vkey"])]
        with as_a_process(folder, logs, dying=step, port=port) as witness:
            pair = f"{witness.vkey} {witness.url}"
            log = Changed(here.folder, {"WITNESSES": pair})
            assert cosigned(anchor(log, project, 2)) == {}
            assert witness.process is not None
            assert witness.process.wait(30) == -signal.SIGKILL
        promised = {(seen["origin"], seen["size"]): seen["root"] for seen in kept(folder)}
        assert bool(promised) == (step != "before")

        with as_a_process(folder, logs, port=port) as witness:
            refusals = [
                ask_for_another(here, witness.url, seen, old=old).status
                for seen in kept(folder)
                for old in (0, seen["size"])
            ]
            got = anchor_again(log, project, {origin for origin, _ in promised})
        case.verify = integrity_of(log.verify())
    case.acked = len(got)
    case.lost = sum(got.get(each, root) != root for each, root in promised.items())
    case.tell(step=step, promised=len(promised), refused=len(refusals))
    assert refusals == [409] * 2 * len(promised)
    assert case.lost == 0
    assert case.verify == "ok"
