"""The test authority: it answers as RFC 3161 says, and says plainly that it proves nothing."""

import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

from ledger.anchors.stamps import read_stamp
from ledger.anchors.test_authority import SUBJECT, TestAuthority

TEXT = b"example.org/ledger/org\n5\nFFFZcAtgANgsPr0VhZdLQtDXD5ZZ4NEq8MGYW7U95nc=\n"


def request(algorithm: HashAlgorithm = HashAlgorithm.SHA256, *, nonce: bool = True) -> bytes:
    builder = TimestampRequestBuilder(nonce=nonce).data(TEXT)
    return builder.hash_algorithm(algorithm).build().as_bytes()


def test_its_certificate_says_what_it_is() -> None:
    authority = TestAuthority.make()

    assert SUBJECT in authority.certificate.subject.rfc4514_string()
    assert "UNTRUSTED" in SUBJECT


@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
@pytest.mark.parametrize("nonce", [True, False])
def test_what_it_answers_is_a_time_stamp(algorithm: HashAlgorithm, nonce: bool) -> None:
    authority = TestAuthority.make()

    token = authority.answer(request(algorithm, nonce=nonce))

    stamp = read_stamp(token, TEXT, [authority.certificate])
    assert stamp.algorithms == {algorithm.value.lower(), "rsa-2048"}
    assert (decode_timestamp_response(token).tst_info.nonce is not None) is nonce


def test_openssl_accepts_it(tmp_path: Path) -> None:
    authority = TestAuthority.make()
    token = authority.answer(request())
    for name, content in (("t.tsr", token), ("text", TEXT), ("ca.pem", authority.pem())):
        (tmp_path / name).write_bytes(content)

    assert read_stamp(token, TEXT, [authority.certificate])
    if shutil.which("openssl"):  # a second opinion, where there is one
        command = ["openssl", "ts", "-verify", "-in", "t.tsr", "-data", "text"]
        command += ["-CAfile", "ca.pem"]
        judged = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert judged.stdout == b"Verification: OK\n"
        assert judged.returncode == 0


@pytest.mark.parametrize(
    "asked",
    [b"", b"\x30", b"hello", request()[:-1], request() + b"x"],
    ids=["nothing", "a tag", "text", "cut short", "too long"],
)
def test_what_is_no_request_is_refused_in_the_words_of_the_protocol(asked: bytes) -> None:
    answer = decode_timestamp_response(TestAuthority.make().answer(asked))

    assert answer.status == 2  # rejection: RFC 3161 §2.4.2


def test_its_key_is_made_once_for_a_site_and_kept_from_others(tmp_path: Path) -> None:
    folder = tmp_path / "test-authority"
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: TestAuthority.of(folder), range(4)))

    assert len({authority.certificate for authority in made}) == 1
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
