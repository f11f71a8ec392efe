"""The witness over HTTP: one call, POST /add-checkpoint, bounded in size, time and number."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from ledger.anchors.add_checkpoint import MAX_BYTES
from ledger.anchors.witness import Reply

if TYPE_CHECKING:
    from ledger.anchors.witness import Witness

logger = logging.getLogger(__name__)

PATH = "/add-checkpoint"
SECONDS = 15.0  # between two bytes of a request
LONGEST = 60.0  # for all that one connection asks, however it drips
AT_ONCE = 32


class WitnessServer(ThreadingHTTPServer):
    """Serves `witness` at `address` (host and port); further connections wait their turn."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        self.places = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, _Door)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.places.acquire()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self.places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.error("A request failed.", exc_info=True)  # noqa: LOG014  called from one


class _Door(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "annotation-ledger-witness", ""
    timeout = SECONDS

    def setup(self) -> None:
        """Let no connection keep its place for longer than LONGEST."""
        super().setup()
        self._end = threading.Timer(LONGEST, self._cut)
        self._end.daemon = True
        self._end.start()

    def finish(self) -> None:
        self._end.cancel()
        super().finish()

    def _cut(self) -> None:
        with suppress(OSError):  # closed already
            self.request.shutdown(socket.SHUT_RDWR)

    def do_POST(self) -> None:
        """Answer a checkpoint; see `Witness.add_checkpoint`."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()) or "Transfer-Encoding" in self.headers:
            self._say(Reply(HTTPStatus.LENGTH_REQUIRED, "Say how long the body is.\n"))
        elif int(length) > MAX_BYTES:
            self._say(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "At most 64 KiB.\n"))
        elif self.path != PATH:
            self._say(Reply(HTTPStatus.NOT_FOUND, f"POST a checkpoint to {PATH}.\n"))
        else:
            self._take(int(length))

    def _take(self, length: int) -> None:
        try:
            body = self.rfile.read(length)
        except TimeoutError:
            body = b""
        if len(body) < length:
            self.close_connection = True
            return
        self._say(self.server.witness.add_checkpoint(body), close=False)

    def do_GET(self) -> None:
        """Say what this is: what a witness has seen is asked of the logs."""
        self._say(Reply(HTTPStatus.NOT_FOUND, f"A witness. POST a checkpoint to {PATH}.\n"))

    def _say(self, reply: Reply, *, close: bool = True) -> None:
        content = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(content)))
        if close:  # the body of what was refused unread would be taken for the next request
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's
        logger.info(format, *args)
