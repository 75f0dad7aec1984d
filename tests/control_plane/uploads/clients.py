"""Clients that send what no well-behaved library would."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tests.control_plane.serving import Address

TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read to its end."""

    status: int
    headers: Any
    body: bytes


def call(
    server: Address,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | Iterator[bytes] | None = None,
) -> Answer:
    """One request on a connection of its own; an iterator is sent in chunks."""
    connection = HTTPConnection(*server, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers, encode_chunked=isinstance(body, Iterator))
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@contextmanager
def half_sent(
    server: Address, path: str, headers: dict[str, str], body: bytes, *, length: int
) -> Iterator[socket.socket]:
    """A PATCH that announces `length` bytes and has sent only `body`."""
    lines = [f"PATCH {path} HTTP/1.1", f"Host: {server[0]}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(server, timeout=TIMEOUT_S) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        yield connection


def reset(connection: socket.socket) -> None:
    """Break a connection off without a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_status(connection: socket.socket) -> int:
    """The status of the response that a raw connection brings."""
    with connection.makefile("rb") as answer:
        return int(answer.readline().split()[1])
