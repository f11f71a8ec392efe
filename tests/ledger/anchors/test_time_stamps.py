"""Asking an authority: its answer is checked before it is kept, whatever it answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp

from ledger.anchors.base import NEVER, AnchorError, Before
from ledger.anchors.stamps import read_stamp
from ledger.anchors.test_authority import POLICY, TestAuthority
from ledger.anchors.time_stamps import REPLY, TestTimeStampAnchor, TimeStampAnchor
from tests.ledger.anchors import serving
from tests.ledger.anchors.histories import PROJECT, history
from tests.ledger.anchors.serving import Said

AUTHORITY = TestAuthority.make()
HEAD = history(5).head()


@pytest.fixture
def certificates(tmp_path: Path) -> list[Path]:
    path = tmp_path / "tsa.pem"
    path.write_bytes(AUTHORITY.pem())
    return [path]


def stamping(_path: str, body: bytes) -> Said:
    return Said(200, REPLY, AUTHORITY.answer(body))


@pytest.fixture
def honest() -> Iterator[str]:
    with serving.serving(stamping) as url:
        yield url


def test_a_token_over_the_three_lines_comes_back(honest: str, certificates: list[Path]) -> None:
    anchor = TimeStampAnchor(f"{honest}/tsr", POLICY, certificates)

    taken = anchor.publish(HEAD, NEVER)

    stamp = read_stamp(taken.token, HEAD.text, [AUTHORITY.certificate])
    assert stamp.at == taken.at
    assert HEAD.text.count(b"\n") == 3
    assert tsp.TimeStampResp.load(taken.token)["status"]["status"].native == "granted"


def test_a_longer_hash_is_asked_for_when_wanted(honest: str, certificates: list[Path]) -> None:
    stamp = TimeStampAnchor(honest, None, certificates).stamp(b"message", "sha512")

    assert "sha512" in stamp.algorithms


def other_bytes(body: bytes) -> bytes:
    asked = tsp.TimeStampReq.load(body)
    asked["message_imprint"]["hashed_message"] = bytes(32)
    return AUTHORITY.answer(asked.dump(force=True))


def other_nonce(body: bytes) -> bytes:
    asked = tsp.TimeStampReq.load(body)
    asked["nonce"] = asked["nonce"].native ^ 1
    return AUTHORITY.answer(asked.dump(force=True))


def no_nonce(body: bytes) -> bytes:
    asked = tsp.TimeStampReq.load(body).native
    del asked["nonce"]
    return AUTHORITY.answer(tsp.TimeStampReq(asked).dump())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda body: Said(200, REPLY, other_bytes(body)), "for other bytes"),
        (lambda body: Said(200, REPLY, other_nonce(body)), "answers another request"),
        (lambda body: Said(200, REPLY, no_nonce(body)), "answers another request"),
        (lambda body: Said(200, "text/html", AUTHORITY.answer(body)), "something else than"),
        (lambda body: Said(500, REPLY, AUTHORITY.answer(body)), "answered 500"),
        (lambda body: Said(200, REPLY, b"<html>sign in</html>"), "no time stamp"),
        (lambda body: Said(200, REPLY, b""), "no time stamp"),
        (lambda body: Said(200, REPLY, b"x" * 70_000), "more than 65,536 bytes"),
        (lambda _: Said(200, REPLY, AUTHORITY.answer(b"")), "refused: rejection"),
        (lambda body: Said(200, REPLY, TestAuthority.make().answer(body)), "that we trust"),
        (lambda _: Said(302, REPLY, b"", (("Location", "http://127.0.0.1:1/"),)), "elsewhere"),
    ],
)
def test_a_hostile_answer_is_refused(certificates: list[Path], answer: Any, said: str) -> None:
    with serving.serving(lambda _, body: answer(body)) as url:
        anchor = TimeStampAnchor(url, None, certificates)
        with pytest.raises(AnchorError, match=said):
            anchor.publish(HEAD, NEVER)


def test_another_policy_than_the_one_configured_is_refused(
    honest: str, certificates: list[Path]
) -> None:
    with pytest.raises(AnchorError, match="another policy"):
        TimeStampAnchor(honest, "1.2.3.4", certificates).publish(HEAD, NEVER)


def test_a_time_before_the_last_one_is_refused(honest: str, certificates: list[Path]) -> None:
    tomorrow = Before(4, datetime.now(UTC) + timedelta(days=1))

    with pytest.raises(AnchorError, match="before its last one"):
        TimeStampAnchor(honest, None, certificates).publish(HEAD, tomorrow)


def test_projects_are_not_stamped(certificates: list[Path]) -> None:
    anchor = TimeStampAnchor("http://127.0.0.1:1", None, certificates)

    assert anchor.takes(HEAD.origin)
    assert not anchor.takes(PROJECT)


def test_several_authorities_are_configured_each_with_its_policy(
    certificates: list[Path], settings: Any
) -> None:
    settings.TSA_URLS = ["https://u:pw@one.example/tsr?key=1", "http://two.example 1.2.3"]
    settings.TSA_CERTIFICATES = [str(path) for path in certificates]

    (one, two) = TimeStampAnchor.configured()

    assert (one.target, one.policy) == ("https://one.example/tsr", None)
    assert (two.target, two.policy) == ("http://two.example", "1.2.3")
    assert one.trusted() == [AUTHORITY.certificate]


@pytest.mark.parametrize("line", ["ftp://x.example", "one.example", "https://", "http://x y"])
def test_a_wrong_address_or_policy_names_the_setting(line: str, settings: Any) -> None:
    settings.TSA_URLS = [line]

    with pytest.raises(ValueError, match="TSA_URLS"):
        TimeStampAnchor.configured()


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "holds no PEM certificate"), (b"x", "holds no PEM certificate")],
)
def test_a_wrong_file_of_certificates_names_the_setting(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "tsa.pem"
    if content is not None:
        path.write_bytes(content)

    (complaint,) = TimeStampAnchor("http://x", None, [path]).complaints()
    (nothing,) = TimeStampAnchor("http://x", None, []).complaints()

    assert "TSA_CERTIFICATES" in complaint
    assert said in complaint
    assert "names no certificate" in nothing


def test_the_test_authority_stamps_without_a_network_and_says_what_it_is(
    tmp_path: Path,
) -> None:
    anchor = TestTimeStampAnchor(tmp_path / "test-authority")

    taken = anchor.publish(HEAD, NEVER)

    stamp = read_stamp(taken.token, HEAD.text, anchor.trusted())
    assert "UNTRUSTED" in stamp.authority
    assert "UNTRUSTED" in anchor.remark
    assert anchor.kind == "rfc3161_test"
