"""Signed checkpoints held against the entries: each way of lying about the end is found."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ledger import brought, checkpoints, signed_heads, trust
from ledger.events import CheckpointSigned
from ledger.models import Checkpoint
from ledger.notes import Signer
from ledger.verifier.notes import Checkpoint as Head
from ledger.verifier.notes import NoteError, VKey, checkpoint_text
from ledger.verify import verify
from tests.ledger.events import happen
from tests.ledger.tampering import ORIGIN, STREAM, codes, found, rewrite, tamper, where

pytestmark = pytest.mark.django_db(transaction=True)
MINE = f"stream = (SELECT id FROM stream WHERE origin = '{ORIGIN}')"
ORG = "localhost/ledger/org"


@pytest.fixture
def signed(superuser_cursor: Any) -> Any:
    """Make a stream signed at four and at eight entries; yield a superuser's cursor."""
    for _ in range(2):
        for number in range(4):
            happen(STREAM, number=number)
        checkpoints.sign_everything()
    superuser_cursor.execute("SET search_path = ledger")
    return superuser_cursor


def beside_the_guard(cursor: Any, *statements: str) -> None:
    """Change checkpoints as a superuser who switches their guards off and on again."""
    cursor.execute("ALTER TABLE checkpoint DISABLE TRIGGER ALL")
    for statement in statements:
        cursor.execute(statement)
    for guard in ("deny_row", "deny_truncate"):
        cursor.execute(f"ALTER TABLE checkpoint ENABLE ALWAYS TRIGGER {guard}")


def forget() -> None:
    """Take from the signer's folder what it remembers of the stream."""
    for note in (Path(settings.SIGNER_DIR) / "streams").glob("*.note"):
        note.unlink()


def test_a_signed_record_is_whole_by_every_measure(signed: Any) -> None:
    verification = verify()

    assert verification.status == "ok"
    assert {stream.completeness for stream in verification.streams} == {"ok"}
    assert codes(found(verification)) == set()


def test_an_unsigned_stream_is_unknown_while_young_and_failed_when_old(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(STREAM)
    young = found()
    monkeypatch.setattr(signed_heads, "TAIL_SECONDS", 0)
    old = found()

    assert (young.integrity, young.completeness) == ("ok", "unknown")
    assert "N910" in {fault.code for fault in young.faults}
    assert (old.integrity, old.completeness, codes(old)) == ("ok", "failed", {"L407"})


def test_a_young_tail_behind_a_checkpoint_fails_nothing(signed: Any) -> None:
    happen(STREAM)

    assert found().completeness == "ok"
    assert {fault.code for fault in found().faults} == {"N910"}


def test_a_rewritten_suffix_is_placed_behind_the_last_good_checkpoint(signed: Any) -> None:
    tamper(signed, *rewrite(signed, 6, end=8))

    assert (found().integrity, found().first_bad_seq) == ("failed", 4)
    assert "L404" in codes(found())


def test_a_tail_cut_with_its_bytes_and_checkpoint_is_known_to_the_signer(signed: Any) -> None:
    cut(signed)

    assert (found().integrity, found().completeness) == ("ok", "failed")
    assert found().first_bad_seq == 4
    assert codes(found()) == {"L406"}


def test_with_no_memory_left_the_organisation_still_knows(signed: Any) -> None:
    cut(signed)
    forget()

    assert found().completeness == "failed"
    assert "L406" in codes(found())


def test_a_kept_note_alone_finds_a_whole_database_set_back(signed: Any) -> None:
    row = Checkpoint.objects.get(stream__origin=ORIGIN, size=8)
    cut(signed)
    forget()
    tamper(signed, f"DELETE FROM entry WHERE stream <> {MINE[9:]}")

    without = [s for s in verify().streams if s.origin == ORIGIN]
    held = [s for s in verify(notes=[row.note.encode()]).streams if s.origin == ORIGIN]

    assert without[0].integrity == "ok"
    assert "L406" in codes(held[0])
    assert held[0].first_bad_seq == 4


def cut(cursor: Any) -> None:
    """Remove the entries from the fifth on, with their bytes and their checkpoint."""
    late = f"{MINE} AND seq >= 4"
    beside_the_guard(cursor, f"DELETE FROM checkpoint WHERE {MINE} AND size = 8")
    tamper(
        cursor,
        f"CREATE TEMPORARY TABLE gone AS SELECT body_id FROM entry WHERE {late}",
        f"DELETE FROM entry WHERE {late}",
        "DELETE FROM body WHERE id IN (SELECT body_id FROM gone)",
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("note = 'nonsense'", "L401"),
        ("note = replace(note, '\n8\n', '\n7\n')", "L403"),
        ("root = sha256('other')", "L403"),
        ("size = 7", "L403"),
        ("note = replace(note, '— ', '— other/')", "L402"),
    ],
)
def test_an_edited_checkpoint_is_found(signed: Any, change: str, code: str) -> None:
    beside_the_guard(signed, f"UPDATE checkpoint SET {change} WHERE {MINE} AND size = 8")

    assert code in codes(found())
    assert found().integrity == "failed"


def test_a_signature_that_fails_refuses_the_note(signed: Any) -> None:
    row = Checkpoint.objects.get(stream__origin=ORIGIN, size=8)
    signature = row.note.split()[-1]
    raw = bytearray(base64.b64decode(signature))
    raw[40] ^= 1
    forged = base64.b64encode(raw).decode()
    beside_the_guard(
        signed,
        f"UPDATE checkpoint SET note = replace(note, '{signature}', '{forged}')"
        f" WHERE {MINE} AND size = 8",
    )

    assert codes(found()) == {"L402"}
    assert found().completeness == "unknown"


def test_a_stolen_place_without_a_record_in_the_organisation_is_found(signed: Any) -> None:
    signer = Signer.of_site()
    root = found().root or ""
    text = checkpoint_text(Head(ORIGIN, 6, base64.b64decode(root)))
    note = signer.sign(text, ORIGIN, [signer.history().newest])
    signed.execute(
        f"INSERT INTO checkpoint (stream, size, root, note) SELECT id, 6, %s, %s FROM stream"
        f" WHERE origin = '{ORIGIN}'",
        [base64.b64decode(root), note],
    )

    assert {"L404", "L408"} <= codes(found())


def test_another_key_vouches_for_nothing(signed: Any) -> None:
    verdict = found(verify(keys=[VKey.for_origin(ORG, bytes(range(32)))]))

    assert verdict.completeness == "unknown"
    assert "L402" in codes(verdict)


def test_the_key_of_the_organisation_opens_every_stream(signed: Any) -> None:
    assert verify(keys=[VKey.parse(checkpoints.vkey(ORG))]).status == "ok"


def test_the_key_of_one_stream_vouches_for_that_stream_alone(signed: Any) -> None:
    verification = verify(keys=[VKey.parse(checkpoints.vkey(ORIGIN))])

    assert found(verification).completeness == "ok"
    assert {s.origin: s.completeness for s in verification.streams}[ORG] == "unknown"


def test_a_record_that_says_another_root_is_found(signed: Any) -> None:
    said = CheckpointSigned(origin=ORIGIN, size=8, root="ab" * 32, key_id="00000000")
    happen_event(said)

    assert "L405" in codes(found())


@pytest.mark.parametrize("wrong", [{"size": "8"}, {"root": "x"}, {"root": 3}])
def test_a_record_of_another_form_breaks_nothing(signed: Any, wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"origin": ORIGIN, "size": 8, "root": "ab" * 32, "key_id": "0"}
    happen_event(CheckpointSigned(**{**fields, **wrong}))

    assert found().integrity == "ok"


def happen_event(event: CheckpointSigned) -> None:
    from django.db import transaction

    import ledger

    with transaction.atomic():
        ledger.append(event, actor="system:tests", subject="ledger.stream:org")


def test_a_note_that_is_none_is_refused_with_a_word(signed: Any) -> None:
    with pytest.raises(NoteError):
        brought.collect([b"nonsense"], trust.of_the_signer()[0])


def test_a_missing_entry_leaves_the_end_unvouched(signed: Any) -> None:
    tamper(signed, f"DELETE FROM entry WHERE {where(2)}")

    assert found().completeness == "failed"
    assert not found().vouched
