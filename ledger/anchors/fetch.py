"""Ask a server that may be slow, broken or hostile: bounded in time and size, led nowhere."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from ledger.anchors.base import AnchorError, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 15.0
_AGENT = "annotation-ledger"


@dataclass(frozen=True)
class Answer:
    """What a server said; the type comes without its parameters."""

    status: int
    content_type: str
    body: bytes


class _Deadline:
    """Cuts the connections of one question when its time is over, however slowly they drip."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connected: socket.socket) -> None:
        self._sockets.append(connected)
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        for connected in self._sockets:
            with suppress(OSError):  # closed already
                connected.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()


def _watched(base: type[http.client.HTTPConnection], deadline: _Deadline) -> Any:
    class Connection(base):  # type: ignore[misc, valid-type]  # one of http.client's two
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    return Connection


def _opener(deadline: _Deadline) -> OpenerDirector:
    """Return what opens http and https, by a proxy if there is one, and follows no redirect."""
    plain = _watched(http.client.HTTPConnection, deadline)
    secure = _watched(http.client.HTTPSConnection, deadline)
    context = ssl.create_default_context()

    class Plain(HTTPHandler):
        def http_open(self, req: Request) -> http.client.HTTPResponse:
            return self.do_open(plain, req)

    class Secure(HTTPSHandler):
        def https_open(self, req: Request) -> http.client.HTTPResponse:
            return self.do_open(secure, req, context=context)

    opener = OpenerDirector()
    for handler in (ProxyHandler(), UnknownHandler(), Plain(), Secure()):
        opener.add_handler(handler)
    return opener


def post(
    url: str, body: bytes, content_type: str, *, limit: int, seconds: float = SECONDS
) -> Answer:
    """Send `body` and return the answer, whatever its status.

    Raises AnchorError when there is none within `seconds`, when it is longer than `limit`
    bytes, or when it sends us elsewhere.
    """
    request = _request(url, body, content_type)
    deadline = _Deadline(seconds)
    try:
        with deadline.running(), _opener(deadline).open(request, timeout=seconds) as response:
            content = response.read(limit + 1)
            answer = Answer(response.status, response.headers.get_content_type(), content)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise AnchorError(_sentence(url, error, seconds, late=deadline.passed)) from None
    where = without_secrets(url)
    if deadline.passed:
        raise AnchorError(f"{where} did not answer in full within {seconds:g} s.")
    if len(answer.body) > limit:
        raise AnchorError(f"{where} answered with more than {limit:,} bytes.")
    if 300 <= answer.status < 400:  # noqa: PLR2004  RFC 9110 §15.4
        raise AnchorError(f"{where} sends us elsewhere ({answer.status}); name that.")
    return answer


def _request(url: str, body: bytes, content_type: str) -> Request:
    """Return the question; user and password of the address go into a header (RFC 7617)."""
    headers = {"Content-Type": content_type, "User-Agent": _AGENT}
    parts = urlsplit(url)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return Request(url, body, headers, method="POST")  # noqa: S310  http(s) only: _opener


def _sentence(url: str, error: Exception, seconds: float, *, late: bool) -> str:
    """Say what failed in our own words: the library's may repeat the whole address."""
    where = without_secrets(url)
    cause = error.reason if isinstance(error, URLError) else error
    if late or isinstance(cause, TimeoutError):
        return f"{where} did not answer in full within {seconds:g} s."
    if isinstance(cause, ssl.SSLError):
        return f"{where} could not be trusted: {cause.reason or 'TLS failed'}."
    if isinstance(cause, OSError):
        return f"{where} could not be reached: {cause.strerror or type(cause).__name__}."
    return f"{where} gave no answer of HTTP ({type(cause).__name__})."
