"""The witness over HTTP: one call, bounded in size, time and number."""

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ledger.anchors import witness_server
from ledger.anchors.add_checkpoint import request_body
from tests.ledger.anchors.histories import History, history
from tests.ledger.anchors.witnessing import Running, in_process, submit


@pytest.fixture
def log() -> History:
    return history(8)


@pytest.fixture
def witness(tmp_path: Path, log: History) -> Iterator[Running]:
    with in_process(tmp_path, [log.vkey]) as running:
        yield running


def address(witness: Running) -> tuple[str, int]:
    parts = urlsplit(witness.url)
    return str(parts.hostname), int(parts.port or 0)


def test_a_checkpoint_is_cosigned_and_a_wrong_old_size_told(
    witness: Running, log: History
) -> None:
    first = submit(witness.url, log.head(3), 0)
    conflict = submit(witness.url, log.head(5), 0)
    second = submit(witness.url, log.head(5), 3)

    assert (first.status, second.status) == (200, 200)
    assert first.body.startswith("— witness.example/w1 ".encode())
    assert (conflict.status, conflict.content_type, conflict.body) == (
        409,
        "text/x.tlog.size",
        b"3\n",
    )


def test_several_questions_on_one_connection(witness: Running, log: History) -> None:
    connection = http.client.HTTPConnection(*address(witness), timeout=10)
    for old, size in ((0, 2), (2, 4), (4, 8)):
        body = request_body(old, log.proof(old, size), log.note(size))
        connection.request("POST", "/add-checkpoint", body)
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/add-checkpoint", {}, 404),
        ("POST", "/", {"Content-Length": "0"}, 404),
        ("POST", "/../add-checkpoint", {"Content-Length": "0"}, 404),
        ("POST", "/add-checkpoint", {"Content-Length": "65537"}, 413),
        ("POST", "/add-checkpoint", {"Content-Length": "-1"}, 411),
        ("POST", "/add-checkpoint", {"Content-Length": "x"}, 411),
        ("POST", "/add-checkpoint", {"Transfer-Encoding": "chunked"}, 411),
        ("POST", "/add-checkpoint", {"Content-Length": "0"}, 400),
        ("DELETE", "/add-checkpoint", {}, 501),
    ],
)
def test_everything_else_is_refused(
    witness: Running, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(address(witness), timeout=10) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: w\r\n{lines}\r\n".encode())
        answer = connection.recv(65536)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_caller_that_says_nothing_more_is_let_go(
    witness: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_server._Door, "timeout", 0.2)  # noqa: SLF001
    for beginning in (
        b"",
        b"POST /add-ch",
        b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9\r\n\r\nold",
    ):
        with socket.create_connection(address(witness), timeout=20) as connection:
            connection.sendall(beginning)
            assert connection.recv(65536) == b""


def test_a_caller_that_drips_is_let_go(
    witness: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_server, "LONGEST", 0.3)
    with socket.create_connection(address(witness), timeout=20) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nX: ")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            drip(connection)


def drip(connection: socket.socket) -> None:
    for _ in range(2000):
        connection.sendall(b"x")
        threading.Event().wait(0.01)


def test_many_at_once_are_all_answered(witness: Running, log: History) -> None:
    submit(witness.url, log.head(3), 0)
    found: list[int] = []

    def ask() -> None:
        found.append(submit(witness.url, log.head(5), 3).status)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [200] + [409] * 39  # one of them moved it on
