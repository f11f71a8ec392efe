"""Times in the record's one form: microseconds since 1970, and nothing that is no time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.verifier.envelope import time_us

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_told_in_microseconds(at: datetime) -> None:
    written = at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    passed = at - EPOCH

    assert time_us(written) == (
        (passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds
    )


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-29T00:00:00.000000Z",
        "2026-13-01T00:00:00.000000Z",
        "0000-01-01T00:00:00.000000Z",
        "2026-01-01T24:00:00.000000Z",  # midnight to ISO 8601, and to Python from 3.14 on
        "2026-01-01T00:60:00.000000Z",
        "2026-01-01T23:59:60.000000Z",
        "2026-01-01T00:00:00.00000Z",
        "2026-01-01T00:00:00.000000",
        "2026-01-01T00:00:00.000000Z\n",
        "2026-01-01 00:00:00.000000Z",
        "\u0662026-01-01T00:00:00.000000Z",
        None,
        20260101,
    ],
)
def test_whatever_else_is_no_time(written: object) -> None:
    assert time_us(written) is None
