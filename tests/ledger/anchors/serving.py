"""Servers on loopback for the tests of anchors: honest ones, and every kind of hostile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Said(NamedTuple):
    """What a server answers: status, content type, body and further headers."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Answering = Callable[[str, bytes], Said]
Speaking = Callable[[socket.socket, threading.Event], None]


@contextmanager
def serving(answering: Answering) -> Iterator[str]:
    """Yield the address of a server that answers each POST by `answering(path, body)`."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said = answering(self.path, body)
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            for name, value in said.headers:
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # who asked may have had enough
                self.wfile.write(said.body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_server(speak: Speaking) -> Iterator[str]:
    """Yield the address of a server that does with each connection what `speak` does."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connected, _ = listening.accept()
                threading.Thread(target=talk, args=(connected,), daemon=True).start()

    def talk(connected: socket.socket) -> None:
        with connected, suppress(OSError):
            speak(connected, ended)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        with suppress(OSError):
            socket.create_connection(listening.getsockname(), timeout=1).close()
        thread.join()
        listening.close()


def dripping(connected: socket.socket, ended: threading.Event) -> None:
    """Answer one byte at a time, for ever."""
    connected.recv(65536)
    connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nX: ")
    while not ended.wait(0.05):
        connected.sendall(b"x")


def dripping_body(connected: socket.socket, ended: threading.Event) -> None:
    """Answer quickly, then let the body drip."""
    connected.recv(65536)
    connected.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n"
        b"Content-Length: 1000000\r\n\r\n"
    )
    while not ended.wait(0.05):
        connected.sendall(b"x")


def silent(connected: socket.socket, ended: threading.Event) -> None:
    """Take the question and say nothing."""
    connected.recv(65536)
    ended.wait(30)


def closing(connected: socket.socket, ended: threading.Event) -> None:
    """Hang up."""
    connected.recv(65536)


def babbling(connected: socket.socket, ended: threading.Event) -> None:
    """Answer something that is no HTTP."""
    connected.recv(65536)
    connected.sendall(b"\x16\x03\x01 what do you want?\r\n\r\n")


def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
