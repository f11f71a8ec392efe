"""Rotation: the old key hands on to the new one, and no note falls between them."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.management import call_command

from ledger import checkpoints, rotation, scan, succession
from ledger.checkpoints import keep
from ledger.events import CheckpointSigned, KeyCompromised, KeyRotated
from ledger.models import Checkpoint
from ledger.notes import Signer
from ledger.signer_state import Epoch, KeyHistory, SignerState
from ledger.signing_keys import FileKeys, KeyGoneError, write_private
from ledger.verifier.notes import Checkpoint as Head
from ledger.verifier.notes import VKey, parse_checkpoint, parse_note, parse_succession
from tests.ledger.signing import (
    ORG,
    ORIGIN,
    Database,
    DiedError,
    dying_before,
    dying_in,
    grow,
    head_of,
    recover,
    signed_by,
)

DATA = Path(__file__).resolve().parents[1] / "data" / "ledger"
committed = pytest.mark.django_db(transaction=True)


def golden_signer(folder: Path, *, coming: bool) -> Signer:
    """Return the signer of the golden files: its keys are public, made from their labels."""
    keys = FileKeys(folder)
    keys.make(9)  # makes the folder
    epochs = []
    for number, key in enumerate(json.loads((DATA / "keys.json").read_text())["keys"]):
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"]))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(keys.folder / f"{number}.pem", pem)
        epochs.append(Epoch(number, bytes.fromhex(key["public"]), 4 if number else None))
    state = SignerState(folder, golden("org"))
    state.keep_history(KeyHistory(tuple(epochs[: 1 if coming else 2])))
    return Signer(state, keys)


def golden(name: str) -> str:
    return str(json.loads((DATA / "rotation.json").read_text())[name])


def test_the_succession_note_is_the_golden_one(tmp_path: Path) -> None:
    signer = golden_signer(tmp_path / "signer", coming=False)

    note = succession.note(signer, *signer.history().epochs)

    assert note == golden("keys_1_note")


def test_the_first_checkpoint_after_a_rotation_is_the_golden_one(tmp_path: Path) -> None:
    signer = golden_signer(tmp_path / "signer", coming=True)
    wanted = golden("double_signed_checkpoint")
    head = parse_checkpoint(parse_note(wanted.encode()))
    keep(signer, Head(head.origin, 4, bytes(32)))  # before it
    golden_signer(tmp_path / "signer", coming=False)

    assert keep(signer, head) == wanted
    assert len(parse_note(keep(signer, Head(head.origin, 6, head.root)).encode()).lines) == 1


@committed
def test_a_rotation_leaves_entry_succession_and_double_signature() -> None:
    grow(2)
    checkpoints.sign_everything()
    old = checkpoints.vkey(ORG)

    new = rotation.rotate(cause="yearly")

    (record,) = scan.records({KeyRotated.name})
    wanted = {"cause": "yearly", "epoch": 1, "new_vkey": new, "old_vkey": old}
    note = checkpoints.successions()[1]
    told = parse_succession(parse_note(note.encode()))
    doubled = [row.note for row in Checkpoint.objects.filter(size__gt=record.sequence)]
    assert (record.stream, record.subject, record.payload) == (ORG, "ledger.key:1", wanted)
    assert (str(told.old), str(told.new), told.epoch) == (old, new, 1)
    assert signed_by(note, old, new) == [old, new]
    assert [signed_by(n, old, new) for n in doubled if head_of(n).origin == ORG] == [[new, old]]


@committed
def test_every_project_checkpoint_is_by_the_key_in_force_at_its_record() -> None:
    grow(2)
    checkpoints.sign_everything()
    for number in range(2):
        grow(1)
        rotation.rotate(cause=f"{number}")
        grow(1)
        checkpoints.sign_everything()

    history = Signer.of_site().history()
    records = list(scan.records({CheckpointSigned.name}))
    assert len(history.epochs) == 3
    for record in records:
        key = VKey.for_origin(ORIGIN, history.at(record.sequence).public)
        row = Checkpoint.objects.get(stream__origin=ORIGIN, size=record.payload["size"])
        assert record.payload["key_id"] == key.key_id.hex()
        assert signed_by(row.note, str(key)) == [str(key)]
    assert {history.at(record.sequence).number for record in records} == {0, 1, 2}


@committed
def test_keys_json_lists_every_key_with_its_entry() -> None:
    grow(1)
    rotation.rotate(cause="yearly")

    told = json.loads(checkpoints.keys_json())

    (record,) = scan.records({KeyRotated.name})
    assert [(key["epoch"], key["rotated_seq"]) for key in told["keys"]] == [
        (0, None),
        (1, record.sequence),
    ]
    assert told["keys"][1]["vkey"] == checkpoints.vkey(ORG)
    assert (told["org"], told["schema"]) == (ORG, "ledger.keys/1")


STEPS = [
    (FileKeys, "make", False),
    (succession, "_record", False),
    (succession, "_place", True),
    (SignerState, "keep_succession", True),
]


@committed
@pytest.mark.parametrize(("owner", "name", "is_committed"), STEPS)
def test_a_rotation_that_died_is_completed_or_never_was(
    owner: object, name: str, is_committed: bool
) -> None:
    grow(2)
    checkpoints.sign_everything()
    old = checkpoints.vkey(ORG)

    with dying_in(owner, name), pytest.raises(DiedError):
        rotation.rotate(cause="yearly")
    grow(1)
    notes = [note for note in checkpoints.sign_everything() if head_of(note).origin == ORG]

    now = checkpoints.vkey(ORG)
    assert (now != old) == is_committed
    assert signed_by(notes[-1], old, now) == ([now, old] if is_committed else [old])
    assert len(list(scan.records({KeyRotated.name}))) == int(is_committed)


@committed
def test_a_rotation_that_died_before_its_entry_is_made_again_with_the_same_key() -> None:
    grow(2)

    with dying_in(succession, "_record"), pytest.raises(DiedError):
        rotation.rotate(cause="yearly")
    waiting = FileKeys(settings.SIGNER_DIR).public(1)

    assert str(VKey.for_origin(ORG, waiting)) == rotation.rotate(cause="yearly")


@committed
def test_what_was_signed_but_not_recorded_is_recorded_before_the_key_changes() -> None:
    grow(2)
    with dying_before("record"), pytest.raises(DiedError):
        checkpoints.sign(ORIGIN)
    old = checkpoints.vkey(ORIGIN)

    rotation.rotate(cause="yearly")

    (rotated,) = scan.records({KeyRotated.name})
    (record,) = scan.records({CheckpointSigned.name})
    assert record.sequence < rotated.sequence
    assert record.payload["key_id"] == old.split("+")[1]


@committed
def test_a_compromised_key_is_named_before_it_is_replaced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    grow(2)
    checkpoints.sign_everything()
    old = checkpoints.vkey(ORG)

    call_command("rotate_key", cause="A laptop was stolen.", compromised=True)

    (lost,) = scan.records({KeyCompromised.name})
    (rotated,) = scan.records({KeyRotated.name})
    assert (lost.payload["vkey"], lost.reason) == (old, "A laptop was stolen.")
    assert rotated.sequence == lost.sequence + 1
    assert checkpoints.vkey(ORG) in capsys.readouterr().out


@committed
def test_the_old_key_file_may_go_after_the_rotation() -> None:
    grow(2)
    rotation.rotate(cause="yearly")
    (FileKeys(settings.SIGNER_DIR).folder / "0.pem").unlink()
    grow(1)

    checkpoints.sign_everything()

    assert len(json.loads(checkpoints.keys_json())["keys"]) == 2


@committed
def test_another_key_in_the_store_is_refused() -> None:
    grow(2)
    checkpoints.sign_everything()
    folder = FileKeys(settings.SIGNER_DIR).folder
    FileKeys(settings.SIGNER_DIR).make(1)
    (folder / "1.pem").replace(folder / "0.pem")
    grow(1)

    with pytest.raises(KeyGoneError, match="another key"):
        checkpoints.sign_everything()


@committed
def test_a_rotation_that_was_lost_with_the_database_is_put_on_record_again(
    superuser_cursor: object,
) -> None:
    database = Database(superuser_cursor)
    grow(2)
    checkpoints.sign_everything()
    backup = database.copy()
    new = rotation.rotate(cause="yearly")
    grow(1)
    checkpoints.sign_everything()
    database.set_back(backup)

    recover(reason="The disk died.")

    (record,) = scan.records({KeyRotated.name})
    doubled = Checkpoint.objects.filter(stream__origin=ORG, size__gt=record.sequence)
    first = doubled.order_by("size")[0].note
    assert checkpoints.vkey(ORG) == new == record.payload["new_vkey"]
    assert json.loads(checkpoints.keys_json())["keys"][1]["rotated_seq"] == record.sequence
    assert signed_by(first, new, str(record.payload["old_vkey"])) == [
        new,
        record.payload["old_vkey"],
    ]
