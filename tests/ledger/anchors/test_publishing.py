"""Handing over: tokens are kept, failures too; a down anchor stops nobody; no loop begins."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from ledger import anchors, checkpoints, scan
from ledger.anchors import publishing, waiting
from ledger.anchors.base import DeclinedError, anchor_kinds
from ledger.anchors.folder import FolderAnchor
from ledger.anchors.time_stamps import TestTimeStampAnchor
from ledger.events import AnchorContradicted, AnchorDelayed, AnchorPublished
from ledger.hashing import sha256_hex
from ledger.models import Anchor, AnchorState, Checkpoint, Stream
from tests.ledger.events import Thing, happen
from tests.ledger.signing import ORG, ORIGIN, grow, stream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def places(tmp_path: Path, settings: Any) -> list[Any]:
    """Return a folder and the test authority, as the demo has them."""
    settings.ANCHOR_FOLDER = str(tmp_path)
    settings.ANCHOR_FOLDER_IS_OURS = False
    settings.TEST_AUTHORITY = True
    return [FolderAnchor(tmp_path), TestTimeStampAnchor(settings.SIGNER_DIR / "test-authority")]


def sign(entries: int = 1) -> None:
    grow(entries)
    checkpoints.sign_everything()


def queries_of_status() -> int:
    with CaptureQueriesContext(connection) as asked:
        anchors.status()
    return len(asked)


def told(event: type[Any]) -> list[dict[str, Any]]:
    return [record.payload for record in scan.records({event.name})]


def a_while_ago(minutes: int) -> None:
    """Let every checkpoint and every attempt lie `minutes` back."""
    back = timedelta(minutes=minutes)
    for state in AnchorState.objects.all():
        for name in ("next_try", "last_success", "failing_since"):
            value = getattr(state, name)
            setattr(state, name, value and value - back)
        state.save()


def test_every_anchor_takes_the_newest_checkpoints_and_the_record_says_so(
    places: list[Any],
) -> None:
    sign(3)

    outcomes = anchors.publish_everything()

    rows = Anchor.objects.order_by("id").values_list("stream__origin", "size", "kind", "token")
    kept = {(origin, kind): bytes(token) for origin, _, kind, token in rows}
    assert set(kept) == {(ORIGIN, "folder"), (ORG, "folder"), (ORG, "rfc3161_test")}
    assert all(outcome.token for outcome in outcomes)
    (published,) = told(AnchorPublished)
    said = {
        (head["origin"], place["kind"]): place["token_sha256"]
        for head in published["checkpoints"]
        for place in head["anchors"]
    }
    assert said == {place: sha256_hex(token) for place, token in kept.items()}


def test_what_an_anchor_writes_into_the_record_is_no_reason_to_anchor_again(
    places: list[Any],
) -> None:
    sign(3)
    anchors.publish_everything()
    size = Checkpoint.objects.filter(stream__origin=ORG).latest("size").size

    for _ in range(3):
        checkpoints.sign_everything()
        assert anchors.publish_everything() == []

    grown = Checkpoint.objects.filter(stream__origin=ORG).latest("size").size
    assert grown == size + 1  # the entry about the anchors, signed once
    assert len(told(AnchorPublished)) == 1
    assert anchors.only_housekeeping(stream(ORG), size, grown)
    assert not anchors.only_housekeeping(stream(ORG), size - 1, grown)


def test_once_a_day_that_entry_is_anchored_too(places: list[Any]) -> None:
    sign(3)
    anchors.publish_everything()
    checkpoints.sign_everything()
    a_while_ago(24 * 60 + 1)

    outcomes = anchors.publish_everything()

    assert {outcome.head.origin for outcome in outcomes} == {ORG}
    assert len(told(AnchorPublished)) == 2


def test_an_entry_without_its_index_counts_as_real(superuser_cursor: Any) -> None:
    grow(2)
    superuser_cursor.execute("DELETE FROM ledger_indexedentry")

    assert not anchors.only_housekeeping(stream(), 0, 2)


def test_a_down_anchor_stops_neither_saving_nor_the_others(
    places: list[Any], tmp_path: Path, settings: Any
) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path / "gone")
    sign(3)

    outcomes = anchors.publish_everything()
    sign(2)

    by_kind = {outcome.kind: outcome for outcome in outcomes}
    assert by_kind["rfc3161_test"].token
    assert "is it mounted" in by_kind["folder"].error
    assert len([o for o in outcomes if o.kind == "folder"]) == 1  # asked once a round
    (down, up) = anchors.status()
    assert (down.kind, down.last_success, down.last_size) == ("folder", None, 0)
    assert down.failing_since is not None
    assert "is it mounted" in down.error
    assert (up.kind, up.error, up.failing_since) == ("rfc3161_test", "", None)


def test_it_is_tried_again_later_each_time_and_caught_up_with(
    places: list[Any], tmp_path: Path, settings: Any
) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path / "gone")
    sign(3)
    delays = []
    for _ in range(8):
        outcomes = anchors.publish_everything()
        (state,) = AnchorState.objects.exclude(next_try=None)
        assert state.next_try is not None
        waits = (state.next_try - datetime.now(UTC)).total_seconds()
        delays.append(round(waits, -1))  # to ten seconds: a slow machine is no failure
        assert len([o for o in outcomes if o.kind == "folder"]) == 1
        assert anchors.publish_everything() == []  # no other stream asks the same anchor now
        AnchorState.objects.update(next_try=None)
    assert sorted(delays) == [30, 30, 60, 60, 120, 120, 240, 240]  # each stream in its turn

    (tmp_path / "gone").mkdir()
    anchors.publish_everything()

    (folder, _) = anchors.status()
    assert (folder.error, folder.failing_since, folder.lag) == ("", None, timedelta(0))
    assert not AnchorState.objects.filter(failures__gt=0).exists()


def test_the_longest_wait_is_an_hour(places: list[Any], tmp_path: Path, settings: Any) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path / "gone")
    sign()
    anchors.publish_everything()
    AnchorState.objects.filter(kind="folder").update(failures=10_000, next_try=None)

    anchors.publish(stream(AnchorState.objects.get(kind="folder").stream.origin))

    state = AnchorState.objects.get(kind="folder")
    assert state.next_try is not None
    assert state.next_try - datetime.now(UTC) <= timedelta(hours=1)


def test_who_is_late_is_recorded_once_until_it_has_caught_up(
    places: list[Any], tmp_path: Path, settings: Any
) -> None:
    settings.ANCHOR_FOLDER = str(tmp_path / "gone")
    sign(3)
    anchors.publish_everything()
    assert told(AnchorDelayed) == []  # not yet late

    settings.CHECKPOINT_SECONDS = 0
    for _ in range(3):
        anchors.publish_everything()
    (late,) = told(AnchorDelayed)
    assert (late["kind"], late["last_size"]) == ("folder", 0)
    assert "is it mounted" in late["error"]
    assert anchors.status()[0].is_late

    (tmp_path / "gone").mkdir()
    AnchorState.objects.update(next_try=None)
    settings.CHECKPOINT_SECONDS = 60
    checkpoints.sign_everything()
    anchors.publish_everything()
    assert not anchors.status()[0].is_late

    (tmp_path / "gone").rename(tmp_path / "away")
    settings.CHECKPOINT_SECONDS = 0
    sign(1)
    anchors.publish_everything()
    assert len(told(AnchorDelayed)) == 2


def test_another_history_is_recorded_once_and_other_streams_go_on(
    places: list[Any], tmp_path: Path
) -> None:
    sign(3)
    anchors.publish_everything()
    grow(1)
    checkpoints.sign_everything()
    folder = tmp_path / bytes(stream().origin_id).hex()
    (folder / "4.note").write_text(f"{ORIGIN}\n4\n{'A' * 43}=\n\n— {ORIGIN} AAAAAAA=\n")

    for _ in range(3):
        AnchorState.objects.update(next_try=None)
        anchors.publish_everything()

    (found,) = told(AnchorContradicted)
    assert (found["kind"], found["origin"], found["size"]) == ("folder", ORIGIN, 4)
    assert "one of the two was rewritten" in found["what"]
    assert AnchorState.objects.get(kind="folder", stream__origin=ORG).last_size > 1


def test_inside_a_transaction_nothing_is_handed_over(places: list[Any]) -> None:
    sign()

    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        anchors.publish_everything()
    assert not Anchor.objects.exists()


def test_two_processes_do_not_hand_over_at_once(places: list[Any]) -> None:
    sign()
    seen: list[Any] = []

    def other() -> None:
        seen.append(anchors.publish_everything())
        connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1279542614, 0)")
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        cursor.execute("SELECT pg_advisory_unlock(1279542614, 0)")

    assert seen == [[]]
    assert len(anchors.publish_everything()) == 3


def test_a_stream_that_an_anchor_does_not_take_is_no_failure(places: list[Any]) -> None:
    class Picky(FolderAnchor, kind="picky"):
        def publish(self, head: Any, before: Any) -> Any:
            if head.origin != ORG:
                raise DeclinedError("no projects")
            return super().publish(head, before)

    try:
        sign(2)
        picky = Picky(places[0].folder)
        publishing.publish([picky])
        (status,) = waiting.status_of([picky])
        assert (status.error, status.lag) == ("", timedelta(0))
        assert publishing.publish([picky]) == []
    finally:
        del anchor_kinds["picky"]


def test_status_takes_one_query_however_many_streams(places: list[Any]) -> None:
    sign()
    anchors.publish_everything()
    few = queries_of_status()
    for number in range(8):
        happen(Thing(ledger_stream=f"p{number}"))
    checkpoints.sign_everything()

    assert queries_of_status() == few == 1
    anchors.publish_everything()
    assert queries_of_status() == 1
    assert Stream.objects.count() == 10


def test_before_anything_is_signed_there_is_nothing_to_say(places: list[Any]) -> None:
    (folder, test) = anchors.status()

    assert folder.lag is None
    assert test.lag is None
    assert "UNTRUSTED" in test.remark
    assert anchors.publish_everything() == []
