"""A TCP proxy before PostgreSQL that takes away the answer to one COMMIT.

It reads the frames of protocol 3.0 (PostgreSQL 18, 54.7 "Message Formats").  Like a network
that fails in between, it lets the server do the work and tells the client nothing.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

QUERY = b"Q"


class Proxy:
    """Passes on what a client says to the server at a socket and back.

    After `arm(text)` the next COMMIT of a transaction that said `text` gets no answer: the
    server has committed when the client's connection is cut.  `cut` counts such COMMITs.
    """

    def __init__(self, server: Path) -> None:
        self.cut = 0
        self._server, self._wanted = server, b""
        self._turn = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]

    def arm(self, text: str) -> None:
        """Take away the answer to the next COMMIT of a transaction that says `text`."""
        self._wanted = text.encode()

    def serve(self) -> None:
        """Accept connections until the proxy is closed."""
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _relay(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server, suppress(OSError):
            server.connect(str(self._server))
            silent = threading.Event()
            back = threading.Thread(target=_back, args=(server, client, silent), daemon=True)
            back.start()
            self._forth(client, server, silent)
            server.shutdown(socket.SHUT_WR)
            back.join()

    def _forth(
        self, client: socket.socket, server: socket.socket, silent: threading.Event
    ) -> None:
        """Pass on what the client says; see to it that an armed COMMIT is not answered."""
        waiting, is_marked, is_open = b"", False, False
        while said := client.recv(1 << 16):
            if not is_open:  # start and password, until the first query
                is_open = said.startswith(QUERY)
            if is_open:
                waiting += said
                while (frame := _frame(waiting)) is not None:
                    waiting = waiting[len(frame) :]
                    is_marked |= bool(self._wanted) and self._wanted in frame
                    if is_marked and frame[5:].upper().startswith(b"COMMIT"):
                        is_marked = not self._take()
                        if not is_marked:
                            silent.set()
            server.sendall(said)

    def _take(self) -> bool:
        with self._turn:
            taken, self._wanted = bool(self._wanted), b""
            self.cut += taken
            return taken


def _frame(waiting: bytes) -> bytes | None:
    """Return the first whole message: a letter, its length in four bytes, its content."""
    if len(waiting) < 5:
        return None
    (length,) = struct.unpack(">I", waiting[1:5])
    return waiting[: 1 + length] if len(waiting) > length else None


def _back(server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
    """Pass on what the server says; once `silent`, hear it out and cut the client off."""
    with suppress(OSError):
        while said := server.recv(1 << 16):
            if silent.is_set():
                break  # it answers a COMMIT when that is durable
            client.sendall(said)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(server: Path) -> Iterator[Proxy]:
    """Yield a proxy to the server at the socket `server`, and close it afterwards."""
    one = Proxy(server)
    thread = threading.Thread(target=one.serve, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.close()
        thread.join()
