"""How a stream stands: what is linked, what waits, what is published, in one statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import checkpoints, sealer
from ledger.events import CheckpointSigned
from ledger.models import Checkpoint
from ledger.rollback import StreamSubject
from ledger.standing import Published, is_said, published, sizes, standing
from tests.ledger.signing import ORG, ORIGIN, PROJECT, grow, stream
from tests.ledger.test_sealer import leave_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stream_that_nobody_opened_does_not_stand() -> None:
    assert standing(ORIGIN) is None
    assert sizes() == {}


def test_what_is_linked_and_what_waits_are_told_apart() -> None:
    grow(3)
    before = standing(ORIGIN)
    leave_waiting(3, PROJECT)
    waiting = standing(ORIGIN)
    sealer.seal_everything()
    after = standing(ORIGIN)

    assert before
    assert waiting
    assert after
    assert [(s.size, s.has_waiting) for s in (before, waiting, after)] == [
        (3, False),
        (3, True),
        (4, False),
    ]
    assert (before.stream, before.stream.origin) == (stream(), ORIGIN)
    assert bytes(before.stream.origin_id) == bytes(stream().origin_id)


def test_the_newest_checkpoint_is_told_and_each_can_be_asked_for() -> None:
    grow(2)
    nothing = standing(ORIGIN)
    notes = {2: checkpoints.sign(ORIGIN)}
    grow(1)
    notes[3] = checkpoints.sign(ORIGIN)

    found = standing(ORIGIN)
    rows = {row.size: row for row in Checkpoint.objects.filter(stream=stream())}
    assert nothing
    assert nothing.published is None
    assert found
    assert found.published == Published(3, bytes(rows[3].root), notes[3])
    assert published(stream(), 2) == Published(2, bytes(rows[2].root), notes[2])
    assert published(stream(), 1) is None


def test_the_sizes_of_all_streams_are_told() -> None:
    grow(2)
    checkpoints.sign_everything()

    assert sizes() == {ORIGIN: 2, ORG: 1}


def test_an_entry_is_found_by_its_event_its_subject_and_its_bytes() -> None:
    grow(2)
    checkpoints.sign(ORIGIN)
    event, subject = CheckpointSigned.name, StreamSubject(ORIGIN).ledger_ref

    assert is_said(event, subject, b'"size":2}')
    assert not is_said(event, subject, b'"size":1}')
    assert not is_said(event, StreamSubject(ORG).ledger_ref, b'"size":2}')
    assert not is_said("key.rotated", subject, b'"size":2}')


def test_a_look_is_one_statement() -> None:
    grow(2)
    checkpoints.sign(ORIGIN)

    with CaptureQueriesContext(connection) as queries:
        standing(ORIGIN)
    assert len(queries) == 1
