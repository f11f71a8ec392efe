"""Time-stamp authorities (RFC 3161): somebody outside says when a checkpoint existed.

A token covers SHA-256 of the checkpoint's three lines.  Only the organisation's checkpoints
are stamped: they hold those of every project.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cryptography.x509 import ObjectIdentifier
from django.conf import settings
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from ledger.anchors.base import (
    Anchor,
    AnchorError,
    Taken,
    is_web_address,
    without_secrets,
)
from ledger.anchors.fetch import post
from ledger.anchors.stamps import MAX_BYTES, Stamp, load_certificates, read_stamp
from ledger.anchors.test_authority import TestAuthority
from ledger.references import ORGANISATION, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.x509 import Certificate

    from ledger.anchors.base import Before, Head

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
ALGORITHMS = {"sha256": HashAlgorithm.SHA256, "sha512": HashAlgorithm.SHA512}


class Authority(Anchor):
    """What every authority has in common: it is asked, and its answer is checked."""

    policy: str | None = None

    @abstractmethod
    def trusted(self) -> list[Certificate]:
        """Return the certificates that its tokens must lead to."""

    @abstractmethod
    def ask(self, request: bytes) -> bytes:
        """Return its answer (DER) to a TimeStampReq (DER).  Raises AnchorError."""

    def takes(self, origin: str) -> bool:
        return key_of(origin) == ORGANISATION

    def publish(self, head: Head, before: Before) -> Taken:
        """Return a token over the checkpoint's text, checked."""
        stamp = self.stamp(head.text)
        if before.at is not None and stamp.at < before.at:
            raise AnchorError(f"{self.target} stamps with a time before its last one.")
        return Taken(stamp.token, stamp.at)

    def stamp(self, message: bytes, algorithm: str = "sha256") -> Stamp:
        """Return a new time stamp of `message`, checked.  Raises AnchorError."""
        builder = TimestampRequestBuilder().data(message)
        request = builder.hash_algorithm(ALGORITHMS[algorithm]).build()
        token = self.ask(request.as_bytes())
        stamp = read_stamp(
            token, message, self.trusted(), nonce=request.nonce, policy=self.policy
        )
        if algorithm not in stamp.algorithms:
            raise AnchorError(f"{self.target} stamped with another hash than was asked for.")
        return stamp


class TimeStampAnchor(Authority, kind="rfc3161"):
    """An authority on the web, which TSA_CERTIFICATES let us trust."""

    def __init__(self, url: str, policy: str | None, certificates: list[Path]) -> None:
        self.url, self.policy, self._certificates = url, policy, certificates

    @classmethod
    def configured(cls) -> list[Self]:
        certificates = [Path(name) for name in settings.TSA_CERTIFICATES]
        return [cls._read(line, certificates) for line in settings.TSA_URLS]

    @classmethod
    def _read(cls, line: str, certificates: list[Path]) -> Self:
        url, _, policy = line.strip().partition(" ")
        if not is_web_address(url):
            raise ValueError("TSA_URLS: each is an address (http, https); a policy may follow.")
        try:
            ObjectIdentifier(policy.strip() or "1.2.3")
        except ValueError:
            raise ValueError(
                f"TSA_URLS: the policy of {without_secrets(url)} is an OID such as 1.2.3."
            ) from None
        return cls(url, policy.strip() or None, certificates)

    @property
    def target(self) -> str:
        return without_secrets(self.url)

    def trusted(self) -> list[Certificate]:
        return self._trusted

    @cached_property
    def _trusted(self) -> list[Certificate]:
        found: list[Certificate] = []
        for path in self._certificates:
            try:
                found += load_certificates(path.read_bytes())
            except (OSError, ValueError):
                raise AnchorError(
                    f"TSA_CERTIFICATES names {path}, which holds no PEM certificate."
                ) from None
        if not found:
            raise AnchorError(
                "TSA_CERTIFICATES names no certificate: no token could be checked."
            )
        return found

    def complaints(self) -> Iterable[str]:
        try:
            self.trusted()
        except AnchorError as error:
            yield str(error)

    def ask(self, request: bytes) -> bytes:
        answer = post(self.url, request, QUERY, limit=MAX_BYTES)
        if answer.status != 200:  # noqa: PLR2004  RFC 9110 §15.3.1
            raise AnchorError(f"{self.target} answered {answer.status}, not a time stamp.")
        if answer.content_type != REPLY:
            raise AnchorError(f"{self.target} answered something else than {REPLY}.")
        return answer.body


class TestTimeStampAnchor(Authority, kind="rfc3161_test"):
    """The authority in this process: it shows how stamping works, and proves nothing."""

    __test__ = False  # a name that begins with Test is no test

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def configured(cls) -> list[Self]:
        if not settings.TEST_AUTHORITY:
            return []
        return [cls(settings.SIGNER_DIR / "test-authority")]

    @property
    def target(self) -> str:
        return "test authority of this site"

    @property
    def remark(self) -> str:
        return "UNTRUSTED: its key lies beside the data. For trying out; it proves nothing."

    @cached_property
    def authority(self) -> TestAuthority:
        return TestAuthority.of(self.folder)

    def trusted(self) -> list[Certificate]:
        return [self.authority.certificate]

    def ask(self, request: bytes) -> bytes:
        try:
            return self.authority.answer(request)
        except (OSError, ValueError, TypeError) as error:
            raise AnchorError(f"The test authority failed: {type(error).__name__}.") from None
