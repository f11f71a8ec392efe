"""A signer that lost its memory: it takes over only what is its own and fits the entries."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from ledger import adoption, checkpoints, rotation, scan
from ledger.events import SignerStateAdopted
from ledger.models import Checkpoint
from ledger.signer_state import StateError
from ledger.signing_keys import FileKeys, KeyGoneError
from tests.ledger.signing import ORG, ORIGIN, grow, head_of, published, remembered, stream
from tests.ledger.tampering import tamper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost() -> list[str]:
    """Sign, rotate, sign again; then lose all of the memory but the private keys."""
    grow(2)
    rotation.rotate(cause="yearly")
    grow(1)
    notes = checkpoints.sign_everything()
    forget()
    grow(1)
    return notes


def forget() -> None:
    folder = Path(settings.SIGNER_DIR)
    shutil.rmtree(folder / "streams")
    (folder / "keys.json").unlink()
    for note in (folder / "keys").glob("*.note"):
        note.unlink()


def test_nothing_is_signed_before_the_memory_is_taken_over(lost: list[str]) -> None:
    with pytest.raises(StateError, match="knows no key"):
        checkpoints.sign(ORIGIN)


def test_the_checkpoints_are_taken_over_and_signing_goes_on(
    lost: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("adopt_signer_state", reason="The disk of the signer died.")

    (record,) = scan.records({SignerStateAdopted.name})
    told = [(head["origin"], head["size"]) for head in record.payload["heads"]]
    assert sorted(told) == sorted((head_of(n).origin, head_of(n).size) for n in lost)
    assert record.reason == "The disk of the signer died."
    assert head_of(remembered(ORIGIN) or "").size == 4
    assert len(published()) == len({(head.origin, head.size) for head in published()})
    assert ORIGIN in capsys.readouterr().out


def test_keys_and_successions_are_known_again(lost: list[str]) -> None:
    adoption.adopt(reason="The disk died.")

    assert list(checkpoints.successions()) == [1]
    assert b'"epoch":1,"rotated_seq":' in checkpoints.keys_json()


def test_a_note_of_another_key_is_not_taken_over(lost: list[str]) -> None:
    FileKeys(settings.SIGNER_DIR).make(2)
    (FileKeys(settings.SIGNER_DIR).folder / "2.pem").replace(
        FileKeys(settings.SIGNER_DIR).folder / "1.pem"
    )

    with pytest.raises(KeyGoneError, match="epoch 1"):
        adoption.adopt(reason="The disk died.")

    assert not list(scan.records({SignerStateAdopted.name}))


def test_a_forged_row_is_not_taken_over(lost: list[str], superuser_cursor: Any) -> None:
    superuser_cursor.execute(
        "INSERT INTO ledger.checkpoint (stream, size, root, note) VALUES (%s, 4, %s, %s)",
        [stream().pk, bytes(32), lost[0].replace("\n3\n", "\n4\n")],
    )

    with pytest.raises(StateError, match="not signed by this site"):
        adoption.adopt(reason="The disk died.")


def test_a_row_under_another_size_is_not_taken_over(
    lost: list[str], superuser_cursor: Any
) -> None:
    superuser_cursor.execute(
        "INSERT INTO ledger.checkpoint (stream, size, root, note) VALUES (%s, 4, %s, %s)",
        [stream().pk, head_of(lost[0]).root, lost[0]],
    )

    with pytest.raises(StateError, match="another head"):
        adoption.adopt(reason="The disk died.")


def test_entries_that_do_not_give_the_root_are_not_taken_over(
    lost: list[str], superuser_cursor: Any
) -> None:
    superuser_cursor.execute("SET search_path = ledger, public")
    tamper(superuser_cursor, "UPDATE entry SET hash = sha256('other') WHERE seq = 0")

    with pytest.raises(StateError, match="do not give the roots"):
        adoption.adopt(reason="The disk died.")


def test_a_memory_set_back_is_brought_up_to_the_database() -> None:
    grow(2)
    checkpoints.sign_everything()
    folder = Path(settings.SIGNER_DIR) / "streams"
    shutil.copytree(folder, folder.with_name("older"))
    grow(1)
    checkpoints.sign_everything()
    shutil.rmtree(folder)
    folder.with_name("older").rename(folder)

    heads = adoption.adopt(reason="The backup of the signer's folder was older.")

    assert {(head.origin, head.size) for head in heads} == {(ORG, 2), (ORIGIN, 3)}
    assert Checkpoint.objects.filter(stream=stream(), size=3).exists()


def test_a_memory_that_is_whole_takes_nothing_over() -> None:
    grow(2)
    checkpoints.sign_everything()

    with pytest.raises(CommandError, match="remembers everything"):
        call_command("adopt_signer_state", reason="To be sure.")
    with pytest.raises(CommandError, match="Say how"):
        call_command("adopt_signer_state", reason=" ")
