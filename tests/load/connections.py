"""Clients that hold a connection: some idle after an answer, some that never read theirs."""

import resource
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from tests.load.results import RunFailed

TINY_BYTES: Final = 4096
"""A receive buffer this small is full at once."""

_PATIENCE_S: Final = 30.0
_BLOCK_BYTES: Final = 64 * 1024
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


class AnswerBad(RunFailed):
    """An answer that is no complete 200, or a connection that was closed."""


class DescriptorsTooFew(RunFailed):
    """The system allows too few open files."""


def allow_descriptors(count: int) -> None:
    """Let this process and those it starts have so many open files; raises `DescriptorsTooFew`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        raise DescriptorsTooFew(f"{count} open files are wanted, {hard} allowed (ulimit -Hn)")
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@contextmanager
def hold_idle(port: int, paths: Sequence[str]) -> Iterator[list[socket.socket]]:
    """A connection for each path, which was asked for once and answered."""
    with ExitStack() as stack:
        clients = [stack.enter_context(_connect(port)) for _ in paths]
        for client, path in zip(clients, paths, strict=True):
            ask(client, path)
        yield clients


@contextmanager
def hold_stalled(port: int, paths: Sequence[str]) -> Iterator[list[socket.socket]]:
    """A connection for each path, whose answer has begun and is not read."""
    with ExitStack() as stack:
        clients = [stack.enter_context(_connect(port, TINY_BYTES)) for _ in paths]
        for client, path in zip(clients, paths, strict=True):
            client.sendall(_render(path))
        for client in clients:
            _check_status(client.recv(32, socket.MSG_PEEK))
        yield clients


def is_open(client: socket.socket) -> bool:
    """Whether the other side has not closed; of a connection with nothing to read."""
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def ask_in_turn(port: int, paths: Sequence[str]) -> None:
    """One connection that asks for every path and reads the answers: to warm a server up."""
    with _connect(port) as client:
        for path in paths:
            ask(client, path)


def ask(client: socket.socket, path: str) -> None:
    """One request, and its answer to the last byte. Raises `AnswerBad`."""
    client.sendall(_render(path))
    answer = bytearray()
    while _HEAD_END not in answer:
        answer += _receive(client)
    head, _, body = bytes(answer).partition(_HEAD_END)
    _check_status(head)
    missing = _find_length(head) - len(body)
    while missing > 0:
        missing -= len(_receive(client))


def _connect(port: int, receive_bytes: int | None = None) -> socket.socket:
    client = socket.socket()
    client.settimeout(_PATIENCE_S)
    if receive_bytes is not None:  # before the handshake, which tells the window
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.connect(("127.0.0.1", port))
    return client


def _render(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def _receive(client: socket.socket) -> bytes:
    block = client.recv(_BLOCK_BYTES)
    if not block:
        raise AnswerBad("the connection was closed")
    return block


def _check_status(head: bytes) -> None:
    if not head.startswith(b"HTTP/1.1 200 "):
        raise AnswerBad(head[:64].decode(errors="replace").partition("\r")[0])


def _find_length(head: bytes) -> int:
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH)]
    return int(lengths[0].removeprefix(_LENGTH))
