"""The daily work of renewal on what is stored, with the clock moved."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ledger import anchors, checkpoints, scan
from ledger.anchors import renewal, renewing
from ledger.anchors.base import AnchorError
from ledger.anchors.test_authority import TestAuthority
from ledger.anchors.time_stamps import REPLY, TimeStampAnchor
from ledger.events import AnchorPublished
from ledger.models import Anchor, Checkpoint, StampEnd
from tests.ledger.anchors import serving
from tests.ledger.anchors.serving import Said
from tests.ledger.signing import ORG, grow

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
YEAR = 365 * DAY


class Clocked:
    """An authority of which the test says what time it is; a new certificate each 18 months."""

    def __init__(self) -> None:
        self.start = self.now = datetime.now(UTC)
        period = timedelta(days=548)
        self.made = [
            TestAuthority.make(self.start - DAY + n * period, self.start + (n + 2) * period)
            for n in range(12)
        ]
        self.period, self.asked, self.broken = period, 0, False

    def __call__(self, _path: str, body: bytes) -> Said:
        self.asked += 1
        if self.broken:
            return Said(503, "text/plain", b"")
        newest = self.made[int((self.now - self.start) / self.period)]
        return Said(200, REPLY, newest.answer(body, at=self.now))


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Iterator[Clocked]:
    clocked = Clocked()
    pem = tmp_path / "tsa.pem"
    pem.write_bytes(b"".join(one.pem() for one in clocked.made))
    settings.ANCHOR_FOLDER = ""
    settings.TSA_CERTIFICATES = [str(pem)]
    settings.TSA_ALGORITHM_ENDS = []
    with serving.serving(clocked) as url:
        settings.TSA_URLS = [url]
        yield clocked


def stamp_some(count: int = 3) -> list[bytes]:
    """Sign and stamp a few checkpoints of the organisation; return their tokens."""
    for _ in range(count):
        grow(1)
        checkpoints.sign_everything()
        assert all(outcome.token for outcome in anchors.publish_everything())
    rows = Anchor.objects.filter(kind="rfc3161").order_by("pk")
    return [bytes(row.token) for row in rows]


def renew_until(authority: Clocked, end: datetime, *, step: timedelta = 30 * DAY) -> int:
    """Let the clock run, with the daily job every `step`; return how many were renewed."""
    count = 0
    while authority.now < end:
        authority.now += step
        count += renewing.renew(authority.now)
    return count


def test_a_token_is_renewed_before_its_certificate_ends_and_not_sooner(
    authority: Clocked,
) -> None:
    tokens = stamp_some()

    assert renewing.renew() == 0
    authority.now += 2 * authority.period - 91 * DAY
    assert renewing.renew(authority.now) == 0
    authority.now += 2 * DAY
    assert renewing.renew(authority.now) == len(tokens)
    assert renewing.renew(authority.now) == 0

    (row,) = Anchor.objects.filter(kind="renewal")
    parsed = renewal.parse_renewal(bytes(row.token))
    newest = Checkpoint.objects.filter(stream__origin=ORG).latest("size")
    assert all(renewal.covers(parsed, token) for token in tokens)
    assert parsed.text == renewing.text_of(newest)
    assert row.size == newest.size
    last = list(scan.records({AnchorPublished.name}))[-1].payload["checkpoints"]
    assert [place["kind"] for head in last for place in head["anchors"]] == ["renewal"]


def test_fifteen_years_on_the_first_token_still_verifies(authority: Clocked) -> None:
    tokens = stamp_some(1)
    later = authority.start + 15 * YEAR

    assert renew_until(authority, later) > 4

    (first,) = Anchor.objects.filter(kind="rfc3161")
    checkpoint = Checkpoint.objects.select_related("stream").get(
        stream_id=first.stream_id, size=first.size
    )
    carried = [bytes(row.token) for row in renewing.renewals_of(first.stream_id, tokens)]
    trusted = TimeStampAnchor.configured()[0].trusted()
    text = renewing.text_of(checkpoint)
    found = renewal.verify_chain(text, [*tokens, *carried], trusted, at=later)
    assert found.at == authority.start.replace(microsecond=0)
    with pytest.raises(renewal.RenewalError, match="nothing had renewed it"):
        renewal.verify_chain(text, tokens, trusted, at=later)


def test_a_token_that_was_missed_is_told_and_not_renewed(
    authority: Clocked, caplog: pytest.LogCaptureFixture
) -> None:
    stamp_some(1)
    renewing.renew()
    authority.now += 2 * authority.period + DAY

    assert renewing.renew(authority.now) == 0
    assert "1 time stamps ended before anything renewed them" in caplog.text


def test_when_no_authority_stamps_it_is_said_and_tried_again(authority: Clocked) -> None:
    stamp_some(1)
    authority.now += 2 * authority.period - 10 * DAY
    authority.broken = True

    with pytest.raises(AnchorError, match="No authority of TSA_URLS stamped"):
        renewing.renew(authority.now)
    authority.broken = False
    assert renewing.renew(authority.now) == 1


def test_a_stamp_that_ends_no_later_renews_nothing(authority: Clocked) -> None:
    stamp_some(1)
    authority.now += 2 * authority.period - 10 * DAY
    authority.made = authority.made[:1] * 12  # it goes on with its old certificate

    with pytest.raises(AnchorError):
        renewing.renew(authority.now)
    assert not Anchor.objects.filter(kind="renewal").exists()


def test_an_algorithm_that_ends_renews_too_and_a_hash_is_followed_by_a_longer_one(
    authority: Clocked, settings: Any
) -> None:
    tokens = stamp_some(2)
    day = authority.start + 200 * DAY
    settings.TSA_ALGORITHM_ENDS = [f"sha256 {day:%Y-%m-%d}"]
    authority.now += 150 * DAY

    assert renewing.renew(authority.now) == 2
    (row,) = Anchor.objects.filter(kind="renewal")
    parsed = renewal.parse_renewal(bytes(row.token))
    assert parsed.algorithm == "sha512"
    assert all(renewal.covers(parsed, token) for token in tokens)
    assert set(StampEnd.objects.values_list("renewed_by", flat=True)) == {"sha512"}
    assert renewing.renew(authority.now) == 0


def test_a_token_that_somebody_put_there_is_told_and_passed_over(
    authority: Clocked, caplog: pytest.LogCaptureFixture
) -> None:
    stamp_some(1)
    row = Anchor.objects.get()
    with connections["seal"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.anchor (stream, size, kind, token) VALUES (%s, %s, %s, %s)",
            [row.stream_id, row.size, "rfc3161", b"no token"],
        )
    authority.now += 2 * authority.period - 10 * DAY

    assert renewing.renew(authority.now) == 1
    assert "is not believed" in caplog.text


def test_without_authorities_or_checkpoints_there_is_nothing_to_do(
    authority: Clocked, settings: Any
) -> None:
    assert renewing.renew() == 0
    settings.TSA_URLS = []
    grow(1)
    checkpoints.sign_everything()
    assert renewing.renew() == 0
    assert authority.asked == 0
