"""Asking servers: bounded in time and size, led nowhere, and no secret in what is said."""

import base64
import socket
import threading
import time

import pytest

from ledger.anchors.base import AnchorError
from ledger.anchors.fetch import post
from tests.ledger.anchors import serving
from tests.ledger.anchors.serving import Said

TEXT = "text/plain; charset=utf-8"


def ask(url: str, *, limit: int = 100, seconds: float = 5.0) -> tuple[int, str, bytes]:
    answer = post(url, b"question", TEXT, limit=limit, seconds=seconds)
    return answer.status, answer.content_type, answer.body


def test_an_answer_is_returned_whatever_its_status() -> None:
    asked: list[tuple[str, bytes]] = []

    def echo(path: str, body: bytes) -> Said:
        asked.append((path, body))
        return Said(409, "text/x.tlog.size; x=y", b"12\n")

    with serving.serving(echo) as url:
        assert ask(f"{url}/a/b") == (409, "text/x.tlog.size", b"12\n")
    assert asked == [("/a/b", b"question")]


def always(said: Said) -> serving.Answering:
    return lambda _path, _body: said


def test_a_redirect_is_not_followed() -> None:
    elsewhere: list[str] = []

    def other(path: str, body: bytes) -> Said:
        elsewhere.append(path)
        return Said(200, TEXT, b"ok")

    with serving.serving(other) as target:
        headers = (("Location", f"{target}/there"),)
        for status in (301, 302, 303, 307, 308):
            with (
                serving.serving(always(Said(status, TEXT, b"", headers))) as url,
                pytest.raises(AnchorError, match="sends us elsewhere"),
            ):
                ask(url)
    assert elsewhere == []


def test_too_long_an_answer_is_refused() -> None:
    with (
        serving.serving(lambda _p, _b: Said(200, TEXT, b"x" * 101)) as url,
        pytest.raises(AnchorError, match="more than 100 bytes"),
    ):
        ask(url)


@pytest.mark.parametrize(
    "speak", [serving.dripping, serving.dripping_body, serving.silent], ids=lambda f: f.__name__
)
def test_a_slow_server_is_cut_off(speak: serving.Speaking) -> None:
    began = time.monotonic()
    with (
        serving.raw_server(speak) as url,
        pytest.raises(AnchorError, match=r"did not answer in full within 0\.6 s"),
    ):
        ask(url, limit=10_000_000, seconds=0.6)
    assert time.monotonic() - began < 30  # not for ever: each of them would go on
    for timer in [t for t in threading.enumerate() if isinstance(t, threading.Timer)]:
        timer.join(10)  # one that fired is ending; one that was forgotten fires later
        assert not timer.is_alive()


@pytest.mark.parametrize(
    ("speak", "said"),
    [(serving.closing, "gave no answer|could not be reached"), (serving.babbling, "no answer")],
)
def test_a_broken_server_is_named(speak: serving.Speaking, said: str) -> None:
    with serving.raw_server(speak) as url, pytest.raises(AnchorError, match=said):
        ask(url)


def test_nobody_there_is_named_without_the_secrets_of_the_address() -> None:
    port = serving.unused_port()

    with pytest.raises(AnchorError, match="could not be reached") as raised:
        ask(f"http://user:hunter2@127.0.0.1:{port}/path?token=sesame")

    assert f"http://127.0.0.1:{port}/path" in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert "sesame" not in str(raised.value)


def test_user_and_password_go_into_a_header() -> None:
    heard: list[bytes] = []

    def listen(connected: socket.socket, _: threading.Event) -> None:
        heard.append(connected.recv(65536))
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with serving.raw_server(listen) as url:
        ask(url.replace("http://", "http://us%40er:p%3Aw@"))

    pair = base64.b64encode(b"us@er:p:w")
    assert b"Authorization: Basic " + pair + b"\r\n" in heard[0]
    assert b"@127.0.0.1" not in heard[0]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_nothing_but_http_is_opened(url: str) -> None:
    with pytest.raises(AnchorError):
        ask(url)
