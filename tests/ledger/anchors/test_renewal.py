"""Renewal: a chain of time stamps outlives every certificate in it, if each was renewed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from ledger.anchors.renewal import (
    Chain,
    RenewalError,
    algorithm_ends,
    covers,
    parse_renewal,
    renewal_bytes,
    statement,
    verify_chain,
)
from ledger.anchors.stamps import StampError
from ledger.anchors.test_authority import TestAuthority
from tests.ledger.anchors.histories import history

TEXT = history(5).head().text
LATER = history(9).head().text
START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
HASHES = {"sha256": HashAlgorithm.SHA256, "sha512": HashAlgorithm.SHA512}


@dataclass
class Authorities:
    """One authority that has a new certificate each year, each good for two."""

    made: list[TestAuthority]

    @classmethod
    def for_years(cls, years: int) -> "Authorities":
        starts = [START + YEAR * year for year in range(years)]
        return cls([TestAuthority.make(start, start + 2 * YEAR) for start in starts])

    @property
    def trusted(self) -> list[Any]:
        return [authority.certificate for authority in self.made]

    def stamp(self, message: bytes, at: datetime, algorithm: str = "sha256") -> bytes:
        """Stamp with the newest certificate at that time."""
        newest = self.made[int((at - START) / YEAR)]
        builder = TimestampRequestBuilder().data(message)
        request = builder.hash_algorithm(HASHES[algorithm]).build()
        return newest.answer(request.as_bytes(), at=at)

    def renewal(self, tokens: list[bytes], at: datetime, algorithm: str = "sha256") -> bytes:
        stated = statement(LATER, tokens, algorithm)
        return renewal_bytes(stated, self.stamp(stated, at, algorithm))


@pytest.fixture(scope="module")
def authorities() -> Authorities:
    return Authorities.for_years(17)


def month(number: int) -> datetime:
    return START + YEAR * number / 12


@pytest.fixture(scope="module")
def chain(authorities: Authorities) -> list[bytes]:
    """Stamped in the first month, renewed every 10 months for 15 years."""
    tokens = [authorities.stamp(TEXT, month(1))]
    for number in range(10, 180, 10):
        tokens.append(authorities.renewal(tokens[-1:], month(number)))
    return tokens


def test_a_chain_verifies_fifteen_years_later(
    authorities: Authorities, chain: list[bytes]
) -> None:
    found = verify_chain(TEXT, chain, authorities.trusted, at=month(180))

    assert isinstance(found, Chain)
    assert (found.at, found.links) == (month(1).replace(microsecond=0), 18)
    assert found.until > month(180)


def test_without_renewal_it_says_so(authorities: Authorities, chain: list[bytes]) -> None:
    with pytest.raises(RenewalError, match="believed until 2028-01-01; nothing had renewed it"):
        verify_chain(TEXT, chain[:1], authorities.trusted, at=month(180))
    assert verify_chain(TEXT, chain[:1], authorities.trusted, at=month(23)).links == 1


def test_a_renewal_that_came_too_late_proves_nothing(authorities: Authorities) -> None:
    first = authorities.stamp(TEXT, month(1))
    late = authorities.renewal([first], month(25))

    with pytest.raises(RenewalError, match="nothing had renewed it"):
        verify_chain(TEXT, [first, late], authorities.trusted, at=month(26))


@pytest.mark.parametrize("place", range(1, 18, 4))
def test_a_missing_link_breaks_it(
    authorities: Authorities, chain: list[bytes], place: int
) -> None:
    broken = chain[:place] + chain[place + 1 :]

    with pytest.raises(RenewalError):
        verify_chain(TEXT, broken, authorities.trusted, at=month(180))


def test_other_bytes_another_token_and_no_token_are_refused(
    authorities: Authorities, chain: list[bytes]
) -> None:
    with pytest.raises(StampError, match="for other bytes"):
        verify_chain(LATER, chain, authorities.trusted, at=month(180))
    other = authorities.stamp(TEXT, month(2))
    with pytest.raises(RenewalError, match="does not name the time stamp before it"):
        verify_chain(TEXT, [other, *chain[1:]], authorities.trusted, at=month(180))
    with pytest.raises(RenewalError, match="no time stamp"):
        verify_chain(TEXT, [], authorities.trusted, at=month(180))


def test_a_changed_statement_is_found(authorities: Authorities, chain: list[bytes]) -> None:
    added = parse_renewal(chain[1])
    lines = added.statement + b"0" * 64 + b"\n"

    with pytest.raises(StampError, match="for other bytes"):
        verify_chain(
            TEXT,
            [chain[0], renewal_bytes(lines, added.token)],
            authorities.trusted,
            at=month(22),
        )


def test_time_does_not_go_back_along_a_chain(authorities: Authorities) -> None:
    first = authorities.stamp(TEXT, month(3))
    before = authorities.renewal([first], month(2))

    with pytest.raises(RenewalError, match="older than the time stamp before it"):
        verify_chain(TEXT, [first, before], authorities.trusted, at=month(4))


def test_an_algorithm_ends_as_a_certificate_does(
    authorities: Authorities, chain: list[bytes]
) -> None:
    ends = {"rsa-2048": month(100)}

    with pytest.raises(RenewalError, match="nothing had renewed it"):
        verify_chain(TEXT, chain, authorities.trusted, at=month(180), ends=ends)
    assert verify_chain(TEXT, chain[:10], authorities.trusted, at=month(99), ends=ends)


def test_a_new_hash_ties_every_token_anew(authorities: Authorities) -> None:
    ends = {"sha256": month(30)}
    first = authorities.stamp(TEXT, month(1))
    second = authorities.renewal([first], month(20))
    whole = authorities.renewal([first, second], month(28), "sha512")
    partly = authorities.renewal([second], month(28), "sha512")

    found = verify_chain(
        TEXT, [first, second, whole], authorities.trusted, at=month(40), ends=ends
    )
    assert found.links == 3
    with pytest.raises(RenewalError, match="does not name"):
        verify_chain(
            TEXT, [first, second, partly], authorities.trusted, at=month(40), ends=ends
        )
    with pytest.raises(RenewalError, match="nothing had renewed it"):
        verify_chain(TEXT, [first, second], authorities.trusted, at=month(40), ends=ends)


def test_the_bytes_of_a_renewal_are_as_written_down(authorities: Authorities) -> None:
    tokens = [b"one", b"two"]
    stated = statement(LATER, tokens)
    content = renewal_bytes(stated, b"\x30DER")

    lines = stated.decode().split("\n")
    assert lines[:2] == ["ledger/v1 renewal", "sha256"]
    assert "\n".join(lines[2:5]).encode() + b"\n" == LATER
    assert lines[5:-1] == sorted(lines[5:-1])
    assert content == stated + b"\n\x30DER"
    parsed = parse_renewal(content)
    assert (parsed.statement, parsed.text, parsed.token) == (stated, LATER, b"\x30DER")
    assert [covers(parsed, token) for token in (b"one", b"two", b"three")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"ledger/v1 renewal\n\nx",
        b"ledger/v1 renewal\nmd5\na\n1\nb\n" + b"0" * 32 + b"\n\nx",
        b"ledger/v1 renewal\nsha256\na\n1\nb\n\nx",
        b"ledger/v1 renewal\nsha256\na\n1\nb\n" + b"0" * 63 + b"\n\nx",
        b"ledger/v1 renewal\nsha256\na\n1\nb\n" + b"G" * 64 + b"\n\nx",
        b"\xff\n\nx",
    ],
)
def test_what_is_no_renewal_is_refused(content: bytes) -> None:
    with pytest.raises(RenewalError):
        parse_renewal(content)


def test_the_ends_of_algorithms_are_read_from_the_settings(settings: Any) -> None:
    settings.TSA_ALGORITHM_ENDS = ["rsa-2048 2031-01-01", " sha256 2040-06-30"]

    assert algorithm_ends() == {
        "rsa-2048": datetime(2031, 1, 1, tzinfo=UTC),
        "sha256": datetime(2040, 6, 30, tzinfo=UTC),
    }


@pytest.mark.parametrize("line", ["rsa-2048", "sha256 soon", "2031-01-01", "x 2031-13-01", ""])
def test_a_wrong_end_names_the_setting(line: str, settings: Any) -> None:
    settings.TSA_ALGORITHM_ENDS = [line]

    with pytest.raises(ValueError, match="TSA_ALGORITHM_ENDS"):
        algorithm_ends()
