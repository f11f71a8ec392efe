"""sign_checkpoint prints the newest signed note, and signs what grew."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ledger import checkpoints
from tests.ledger.signing import ORG, ORIGIN, grow, head_of, signed_by

pytestmark = pytest.mark.django_db(transaction=True)


def printed(capsys: pytest.CaptureFixture[str], **options: str) -> str:
    call_command("sign_checkpoint", **options)
    return capsys.readouterr().out


def test_the_organisations_note_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    grow(2)

    note = printed(capsys)

    assert head_of(note)[:2] == (ORG, 1)
    assert signed_by(note, checkpoints.vkey(ORG))
    assert printed(capsys) == note


def test_a_streams_note_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    grow(2)

    assert head_of(printed(capsys, stream=ORIGIN))[:2] == (ORIGIN, 2)


def test_an_unknown_stream_is_a_usage_error() -> None:
    with pytest.raises(CommandError, match="no stream") as refused:
        call_command("sign_checkpoint", stream="localhost/ledger/p/none")

    assert refused.value.returncode == 2
