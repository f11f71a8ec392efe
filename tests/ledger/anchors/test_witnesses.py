"""The client of witnesses: it believes a cosignature that is one, and hears every alarm."""

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.anchors.base import (
    NEVER,
    AnchorError,
    Before,
    ContradictionError,
    DeclinedError,
)
from ledger.anchors.witness import SIZE_TYPE
from ledger.anchors.witnesses import WitnessAnchor, with_cosignatures
from ledger.verifier.notes import VKey, cosigned_at, cosigned_message, parse_note, signers
from tests.ledger.anchors import serving
from tests.ledger.anchors.histories import PROJECT, History, history
from tests.ledger.anchors.serving import Said
from tests.ledger.anchors.witnessing import NAME, in_process

KEY = Ed25519PrivateKey.generate()
VKEY = VKey.for_witness(NAME, KEY.public_key().public_bytes_raw())


def line(text: bytes, moment: int, *, key: Ed25519PrivateKey = KEY, vkey: VKey = VKEY) -> str:
    signature = key.sign(cosigned_message(moment, text.decode()))
    blob = vkey.key_id + moment.to_bytes(8, "big") + signature
    return f"— {vkey.name} {base64.b64encode(blob).decode()}\n"


def test_a_witness_cosigns_a_log_as_it_grows(tmp_path: Path) -> None:
    log = history(9)
    with in_process(tmp_path, [log.vkey]) as witness:
        anchor = WitnessAnchor(witness.vkey, witness.url)
        before = NEVER
        for size in (3, 4, 4, 9):
            taken = anchor.publish(log.head(size), before)
            before = Before(size, taken.at)

            note = with_cosignatures(log.note(size), [taken.token])
            signed = signers(parse_note(note.encode()), [log.vkey, witness.vkey])
            assert signed == [log.vkey, witness.vkey]


def test_what_the_witness_saw_last_is_asked_for_when_we_forgot(tmp_path: Path) -> None:
    log = history(9)
    with in_process(tmp_path, [log.vkey]) as witness:
        anchor = WitnessAnchor(witness.vkey, witness.url)
        anchor.publish(log.head(4), NEVER)

        assert anchor.publish(log.head(9), NEVER).token
        assert anchor.publish(log.head(9), Before(2)).token


def test_a_record_that_was_set_back_is_told_by_the_witness(tmp_path: Path) -> None:
    log = history(9)
    with in_process(tmp_path, [log.vkey]) as witness:
        anchor = WitnessAnchor(witness.vkey, witness.url)
        anchor.publish(log.head(9), NEVER)

        with pytest.raises(ContradictionError, match="only 5: it was set back"):
            anchor.publish(log.head(5), NEVER)
        with pytest.raises(ContradictionError, match="cosigned 9 entries; this record has 5"):
            anchor.publish(log.head(5), Before(9))


@pytest.mark.parametrize("size", [5, 6, 12])
@pytest.mark.parametrize("known", [0, 5])
def test_another_history_is_told_by_the_witness(tmp_path: Path, size: int, known: int) -> None:
    log = history(5)
    with in_process(tmp_path, [log.vkey]) as witness:
        anchor = WitnessAnchor(witness.vkey, witness.url)
        anchor.publish(log.head(), NEVER)
        other = log.fork(4, *"abcdefgh")

        with pytest.raises(ContradictionError, match="another history of 5 entries"):
            anchor.publish(other.head(size), Before(known))


def test_a_witness_that_was_set_back_is_found(tmp_path: Path) -> None:
    log = history(9)
    with in_process(tmp_path / "old", [log.vkey]) as witness:
        anchor = WitnessAnchor(witness.vkey, witness.url)
        taken = anchor.publish(log.head(4), NEVER)

        with pytest.raises(ContradictionError, match="was set back, so it may cosign two"):
            anchor.publish(log.head(9), Before(7, taken.at))


def test_projects_are_followed_by_ours_and_may_be_declined_by_others(tmp_path: Path) -> None:
    log = history(3)
    project = History(PROJECT, log.key).grow("a", "b")
    with in_process(tmp_path / "ours", [log.vkey]) as witness:
        assert WitnessAnchor(witness.vkey, witness.url).publish(project.head(), NEVER).token
    stranger = history(3, "other.example/ledger/org")
    with in_process(tmp_path / "other", [stranger.vkey]) as witness:
        anchor = WitnessAnchor(witness.vkey, witness.url)
        with pytest.raises(DeclinedError):
            anchor.publish(project.head(), NEVER)
        with pytest.raises(AnchorError, match="does not follow this record"):
            anchor.publish(log.head(), NEVER)


def test_a_key_that_the_witness_does_not_know_is_named(tmp_path: Path) -> None:
    log = history(3)
    with (
        in_process(tmp_path, [history(3).vkey]) as witness,
        pytest.raises(AnchorError, match="does not trust this record's key"),
    ):
        WitnessAnchor(witness.vkey, witness.url).publish(log.head(), NEVER)


Answer = Callable[[bytes, bytes], Said]
TEXT = "text/plain; charset=utf-8"


def now() -> int:
    return int(time.time())


HOSTILE: list[tuple[Answer, str]] = [
    (lambda t, _: Said(200, TEXT, line(t + b"x", now()).encode()), "is not valid"),
    (
        lambda t, _: Said(200, TEXT, line(t, now(), key=Ed25519PrivateKey.generate()).encode()),
        "is not valid",
    ),
    (lambda *_: Said(200, TEXT, b""), "no signature lines"),
    (lambda *_: Said(200, TEXT, b"welcome\n"), "no signature lines"),
    (lambda t, n: Said(200, TEXT, n), "did not sign with the key"),
    (lambda t, _: Said(200, TEXT, line(t, now() + 200_000).encode()), "in the future"),
    (lambda t, _: Said(200, TEXT, line(t, 1 << 62).encode()), "in the future"),
    (lambda t, _: Said(200, TEXT, line(t, 1_000_000_000).encode()), "before its last one"),
    (lambda *_: Said(409, SIZE_TYPE, b"many\n"), "says 409, and no size"),
    (lambda *_: Said(409, TEXT, b"4\n"), "no text/x.tlog.size"),
    (lambda *_: Said(409, SIZE_TYPE, b"4\n"), "was given another checkpoint meanwhile"),
    (lambda *_: Said(409, SIZE_TYPE, b"6\n"), "only 5"),
    (lambda *_: Said(500, TEXT, b"secret"), "answered 500"),
    (lambda *_: Said(307, TEXT, b"", (("Location", "http://127.0.0.1:1"),)), "elsewhere"),
    (lambda *_: Said(200, TEXT, b"x" * 70_000), "more than 65,536 bytes"),
]


@pytest.mark.parametrize(("answer", "said"), HOSTILE)
def test_a_hostile_witness_is_not_believed(answer: Answer, said: str) -> None:
    log = history(5)
    own = log.note().partition("\n\n")[2].encode()
    with serving.serving(lambda *_: answer(log.head().text, own)) as url:
        anchor = WitnessAnchor(VKEY, url)
        with pytest.raises(AnchorError, match=said) as raised:
            anchor.publish(log.head(), Before(3, datetime.now(UTC) - timedelta(hours=1)))
    assert "secret" not in str(raised.value)


def test_lines_of_others_are_ignored_and_not_kept() -> None:
    log = history(5)
    text = log.head().text
    stranger = VKey.for_witness("other.example/w", KEY.public_key().public_bytes_raw())
    theirs = line(text, now(), vkey=stranger)
    both = (theirs + line(text, now())).encode()
    with serving.serving(lambda *_: Said(200, TEXT, both)) as url:
        token = WitnessAnchor(VKEY, url).publish(log.head(), NEVER).token

    (kept,) = parse_note(text + b"\n" + token).lines
    assert cosigned_at(kept, text.decode(), VKEY)


def test_a_cosignature_stands_once_under_a_note() -> None:
    log = history(5)
    token = line(log.head().text, now()).encode()

    once = with_cosignatures(log.note(), [token, token])

    assert with_cosignatures(once, [token]) == once
    assert len(parse_note(once.encode()).lines) == 2
    many = [line(log.head().text, moment).encode() for moment in range(50)]
    assert len(parse_note(with_cosignatures(log.note(), many).encode()).lines) == 32


def test_what_goes_out_are_hashes_and_the_origin_alone() -> None:
    log = history(5)
    sent: list[bytes] = []

    def listening(_path: str, body: bytes) -> Said:
        sent.append(body)
        return Said(200, TEXT, line(log.head().text, now()).encode())

    with serving.serving(listening) as url:
        WitnessAnchor(VKEY, url).publish(log.head(), Before(3))

    head, _, note = sent[0].partition(b"\n\n")
    assert note == log.note().encode()
    assert head.split(b"\n")[0] == b"old 3"
    assert all(len(base64.b64decode(node)) == 32 for node in head.split(b"\n")[1:])


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (str(VKEY), "a vkey, a space and an address"),
        (f"{VKEY} ftp://x.example", "a vkey, a space and an address"),
        ("w+00000000+AAAA http://x.example", "WITNESSES, for http://x.example"),
        (f"{history(1).vkey} http://x.example", "is the vkey of a log"),
    ],
    ids=["no address", "another protocol", "no vkey", "a log's vkey"],
)
def test_a_wrong_setting_is_named(pair: str, said: str, settings: Any) -> None:
    settings.WITNESSES = [pair]

    with pytest.raises(ValueError, match=said):
        WitnessAnchor.configured()


def test_a_witness_is_configured_by_vkey_and_address(settings: Any) -> None:
    settings.WITNESSES = [f"{VKEY} https://u:pw@x.example/prefix/"]

    (anchor,) = WitnessAnchor.configured()

    assert anchor.target == f"{NAME} at https://x.example/prefix"
    assert anchor.url == "https://u:pw@x.example/prefix"
