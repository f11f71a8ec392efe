"""Signed notes: the form is exact, and a signature counts for one key under one name."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.verifier.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    NoteError,
    NoteLine,
    Succession,
    VKey,
    checkpoint_text,
    cosigned_at,
    cosigned_message,
    is_origin,
    note_bytes,
    parse_checkpoint,
    parse_decimal,
    parse_note,
    parse_succession,
    signers,
    strict_base64,
    succession_text,
    verify_ed25519,
    verify_line,
)
from tests.ledger.verifier.world import DATA, ORG, P1, PRIVATE, PUBLIC, signed, vkey

ROTATION = json.loads((DATA / "rotation.json").read_text(encoding="utf-8"))
COSIGNED = json.loads((DATA / "cosignature.json").read_text(encoding="utf-8"))
TEXT = checkpoint_text(Checkpoint(P1, 5, bytes(32)))
GOOD = signed(P1, TEXT, 0)


def test_a_note_is_read_and_written_the_same() -> None:
    for text in (ROTATION["keys_1_note"], COSIGNED["note"], GOOD.decode()):
        note = parse_note(text.encode())
        assert note_bytes(note) == text.encode()
        assert note.text.endswith("\n")
    assert [len(line.signature) for line in parse_note(COSIGNED["note"].encode()).lines] == [
        64,
        72,
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"x",
        GOOD[:-1],
        GOOD + b"\n",
        GOOD + b"x",
        GOOD.replace(b"\n\n", b"\n"),
        b"\n" + GOOD.partition(b"\n\n")[2],
        b"\n\n" + GOOD.partition(b"\n\n")[2],
        GOOD.partition(b"\n\n")[0] + b"\n\n",
        GOOD.replace("—".encode(), b"-"),
        GOOD.replace("— ".encode(), "—".encode()),
        GOOD.replace("— ".encode(), "—  ".encode()),
        GOOD.replace("— ".encode(), "— +".encode()),
        GOOD.replace(b"=\n", b"\n", 3),
        GOOD.replace("— ".encode(), "— \t".encode()),
        GOOD.replace(b"\n\n", b"\r\n\r\n"),
        b"\0" + GOOD,
        b"\x7f" + GOOD,
        "\x85".encode() + GOOD,
        b"\xff" + GOOD,
        GOOD[:-4] + b"B==\n",
        b"text\n\n" + "— name AAAAAA==\n".encode(),
        b"text\n\n" + "— name !!!!\n".encode(),
        b"text\n\n" + "— name é\n".encode(),
        b"text\n\n" + "— name AAAAAAA=\n".encode() * 33,
        b"x" * (64 << 10) + GOOD,
    ],
)
def test_a_note_of_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(content)


def test_the_last_empty_line_ends_the_text() -> None:
    note = parse_note(b"one\n\ntwo\n\n" + "— name AAAAAAA=\n".encode())
    assert (note.text, len(note.lines)) == ("one\n\ntwo\n", 1)


def test_the_limits_of_a_note_are_inside() -> None:
    lines = "— name AAAAAAA=\n".encode() * 32
    assert len(parse_note(b"text\n\n" + lines).lines) == 32
    whole = b"x" * ((64 << 10) - len(lines) - 2) + b"\n\n" + lines
    assert len(whole) == 64 << 10
    assert parse_note(whole).text.count("x") == len(whole) - len(lines) - 2
    assert parse_note("Ä\n\n— Ä.ä/ü AAAAAAA=\n".encode()).lines[0].name == "Ä.ä/ü"


@pytest.mark.parametrize(
    "text",
    [
        "x\n5\n" + "A" * 43 + "=\n",
        f"{P1}\n0\n" + "A" * 43 + "=\n",
        f"{P1}\n05\n" + "A" * 43 + "=\n",
        f"{P1}\n+5\n" + "A" * 43 + "=\n",
        f"{P1}\n٥\n" + "A" * 43 + "=\n",
        f"{P1}\n{1 << 63}\n" + "A" * 43 + "=\n",
        f"{P1}\n{'9' * 5000}\n" + "A" * 43 + "=\n",
        f"{P1}\n5\n" + "A" * 42 + "==\n",
        f"{P1}\n5\n" + "A" * 44 + "\n",
        f"{P1}\n5\n" + "A" * 42 + "B=\n",
        f"{P1}\n5\n",
        TEXT + "extension\n",
        TEXT[:-1],
    ],
)
def test_a_checkpoint_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(Note(text, []))


@given(st.integers(1, (1 << 63) - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_written(size: int, root: bytes) -> None:
    made = Checkpoint(P1, size, root)
    assert parse_checkpoint(Note(checkpoint_text(made), [])) == made


@pytest.mark.parametrize(
    "origin", ["a/b", "example.org/ledger/p/5d0c3c0e-2b7c", "0/0", "a/" + "b" * 126, "a_/b-."]
)
def test_origins(origin: str) -> None:
    assert is_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        *("", "a", "/a", "a/", "a//b", "A/b", "a/B", "-a/b", "a/.b", "a b/c", "a/b\n", "ä/b"),
        "a/" + "b" * 127,
    ],
)
def test_no_origins(origin: str) -> None:
    assert not is_origin(origin)
    with pytest.raises(NoteError):
        VKey.for_origin(origin, PUBLIC[0])


def test_a_vkey_is_read_and_written_the_same() -> None:
    for text, kind in ((str(vkey()), ED25519), (COSIGNED["witness_vkey"], COSIGNATURE)):
        key = VKey.parse(text)
        assert str(key) == text
        assert (key.kind, len(key.public), len(key.key_id)) == (kind, 32, 4)
    assert VKey.parse(str(vkey())) == vkey()
    assert VKey.parse(COSIGNED["witness_vkey"]) == VKey.for_witness(
        "witness.example/w1", key.public
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        str(vkey()).replace("98eb0667", "98eb0668"),
        str(vkey()).replace("98eb0667", "98EB0667"),
        str(vkey()).replace("98eb0667", "98eb066"),
        str(vkey()).replace("example", "exemple"),
        str(vkey()).replace("+98", " +98"),
        str(vkey()).partition("+")[2],
        str(vkey())[:-4],
        str(vkey()) + "\n",
        "x+00000000+",
        "x+00000000+AA==",
        "x+" + "a" * 8 + "+" + "A" * 44,
        str(VKey.for_witness("x", bytes(32))._replace(kind=2)),
    ],
)
def test_other_vkeys_are_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VKey.parse(text)


def test_a_vkey_is_made_of_a_name_and_32_bytes() -> None:
    for name in ("", "a b", "a+b", "a\n", "a\x7f", "\0"):
        with pytest.raises(NoteError):
            VKey.for_witness(name, PUBLIC[0])
        named = VKey.for_witness("x", PUBLIC[0])._replace(name=name)
        told = hashlib.sha256(name.encode() + b"\n\4" + PUBLIC[0]).digest()[:4]
        with pytest.raises(NoteError):
            VKey.parse(str(named._replace(key_id=told)))
    for public in (b"", bytes(31), bytes(33)):
        with pytest.raises(NoteError):
            VKey.for_witness("x", public)
        with pytest.raises(NoteError):
            VKey.for_origin(P1, public)


def test_a_succession_is_between_two_keys_of_its_organisation() -> None:
    note = parse_note(ROTATION["keys_1_note"].encode())
    told = parse_succession(note)
    assert told == Succession(ORG, 1, vkey(), vkey(epoch=1))
    assert succession_text(told) == note.text
    for other in (
        told._replace(epoch=0),
        told._replace(org=P1),
        told._replace(old=vkey(P1)),
        told._replace(new=vkey(P1)),
        told._replace(new=VKey.for_witness(ORG, PUBLIC[1])),
        told._replace(old=VKey.for_witness(ORG, PUBLIC[1])),
    ):
        with pytest.raises(NoteError):
            parse_succession(Note(succession_text(other), []))
    for text in (
        note.text + "x\n",
        note.text[:-1],
        "x" + note.text,
        note.text.replace("\n1\n", "\n01\n"),
    ):
        with pytest.raises(NoteError):
            parse_succession(Note(text, []))


def test_who_signed_is_told_in_the_order_of_the_lines() -> None:
    note = parse_note(ROTATION["keys_1_note"].encode())
    assert signers(note, [vkey(epoch=1), vkey()]) == [vkey(), vkey(epoch=1)]
    assert signers(note, [vkey()]) == [vkey()]
    assert signers(note, [vkey(P1)]) == []
    assert signers(Note(note.text, note.lines * 2), [vkey()]) == [vkey()]


def test_a_bad_line_of_a_known_key_refuses_the_note() -> None:
    note = parse_note(ROTATION["keys_1_note"].encode())
    first, second = note.lines
    forged = Note(note.text, [first._replace(signature=bytes(64)), second])
    assert signers(forged, [vkey(epoch=1)]) == [vkey(epoch=1)]
    with pytest.raises(NoteError, match="not valid"):
        signers(forged, [vkey(), vkey(epoch=1)])
    with pytest.raises(NoteError):
        signers(Note(note.text + "x\n", note.lines), [vkey()])
    with pytest.raises(NoteError):
        signers(note, [vkey()._replace(public=bytes(32))])


def test_a_line_is_by_one_key_under_one_name() -> None:
    note = parse_note(GOOD)
    [line] = note.lines
    assert verify_line(line, note.text, vkey(P1))
    assert not verify_line(line, note.text + " ", vkey(P1))
    assert not verify_line(line, note.text, vkey(ORG))
    assert not verify_line(line._replace(name=ORG), note.text, vkey(P1))
    assert not verify_line(line._replace(key_id=bytes(4)), note.text, vkey(P1))
    assert not verify_line(line._replace(signature=line.signature[:-1]), note.text, vkey(P1))
    assert not verify_line(line._replace(signature=line.signature + b"\0"), note.text, vkey(P1))


def test_a_witness_signs_a_time_and_the_text() -> None:
    note, key = parse_note(COSIGNED["note"].encode()), VKey.parse(COSIGNED["witness_vkey"])
    line = note.lines[1]
    assert cosigned_at(line, note.text, key) == COSIGNED["time"]
    assert verify_line(line, note.text, key)
    assert signers(note, [key]) == [key]
    assert cosigned_at(note.lines[0], note.text, key) is None
    assert cosigned_at(line, note.text + "x", key) is None
    never = PRIVATE[1].sign(cosigned_message((1 << 64) - 1, note.text))
    own = VKey.for_witness("w", PUBLIC[1])
    last = NoteLine("w", own.key_id, b"\xff" * 8 + never)
    assert cosigned_at(last, note.text, own) == (1 << 64) - 1
    later = line._replace(signature=bytes(7) + b"\1" + line.signature[8:])
    assert cosigned_at(later, note.text, key) is None
    assert not verify_line(later, note.text, key)
    assert cosigned_at(line._replace(signature=line.signature[:-1]), note.text, key) is None
    assert cosigned_at(line, note.text, key._replace(key_id=bytes(4))) is None
    assert cosigned_at(line, note.text, key._replace(name="x")) is None
    as_log = PRIVATE[1].sign(note.text.encode())
    assert not verify_line(NoteLine("w", own.key_id, as_log), note.text, own)


def test_small_forms() -> None:
    assert strict_base64("") == b""
    assert strict_base64("AAE=") == b"\0\1"
    for text in ("AAE", "AAF=", "AA E=", "AAE=\n", "AAE-", "é"):
        with pytest.raises(NoteError):
            strict_base64(text)
    assert [parse_decimal(text) for text in ("0", "7", str((1 << 63) - 1))] == [
        0,
        7,
        (1 << 63) - 1,
    ]
    for text in ("", "-1", "00", "1 ", "1\n", "1.0", str(1 << 63), "1" * 20):
        with pytest.raises(NoteError):
            parse_decimal(text)
    assert not verify_ed25519(b"", bytes(64), b"")
    assert not verify_ed25519(PUBLIC[0], bytes(63), b"")
