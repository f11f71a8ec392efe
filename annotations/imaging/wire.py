"""Messages between the sandbox and its caller: length, then JSON; never code or objects."""

from __future__ import annotations

import base64
import json
import socket
import struct
from pathlib import Path
from typing import Any

MAX_MESSAGE = 64 * 1024**2


def send(connection: socket.socket, message: Any) -> None:
    """Send a JSON value; bytes and paths inside it are allowed."""
    text = json.dumps(message, default=_plain).encode()
    connection.sendall(struct.pack(">I", len(text)) + text)


def receive(connection: socket.socket) -> Any:
    """Return the next message; EOFError if the other side ended or says too much."""
    (length,) = struct.unpack(">I", _exactly(connection, 4))
    if length > MAX_MESSAGE:
        raise EOFError
    return json.loads(_exactly(connection, length), object_hook=_rich)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 2**20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"__bytes__": base64.b64encode(value).decode()}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not cross into the sandbox.")


def _rich(value: dict[str, Any]) -> Any:
    if value.keys() == {"__bytes__"}:
        return base64.b64decode(value["__bytes__"])
    return value
