"""Clients that hold connections, against a server that answers, refuses or leaves."""

import resource
import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.load.connections import (
    AnswerBad,
    DescriptorsTooFew,
    allow_descriptors,
    ask_in_turn,
    hold_idle,
    hold_stalled,
    is_open,
)

LARGE = 8_000_000
ANSWERS = {
    b"/small": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes",
    b"/large": b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (LARGE, bytes(LARGE)),
    b"/refused": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    b"/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbyt",
}


class Handler(socketserver.StreamRequestHandler):
    """What is asked for, until somebody asks for /cut."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            path = line.split()[1]
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            self.wfile.write(ANSWERS[path])
            if path == b"/cut":
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients may leave when they like."""


@pytest.fixture
def port() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_answers_are_read_to_the_last_byte(port: int) -> None:
    ask_in_turn(port, ["/small", "/large", "/small"])


def test_idle_connections_are_open_and_have_nothing_to_read(port: int) -> None:
    with hold_idle(port, ["/small"] * 3) as clients:
        assert [is_open(client) for client in clients] == [True] * 3


def test_a_stalled_client_has_an_answer_that_it_does_not_read(port: int) -> None:
    with hold_stalled(port, ["/large"] * 2) as clients:
        assert all(client.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200" for client in clients)


@pytest.mark.parametrize("path", ["/refused", "/cut"])
def test_anything_but_a_whole_good_answer_is_bad(port: int, path: str) -> None:
    with pytest.raises(AnswerBad):
        ask_in_turn(port, [path])


def test_a_stalled_client_notices_a_refusal(port: int) -> None:
    with pytest.raises(AnswerBad, match="403"), hold_stalled(port, ["/refused"]):
        pass


def test_a_connection_that_the_other_side_closed_is_not_open() -> None:
    here, there = socket.socketpair()
    with here:
        there.close()
        assert not is_open(here)


def test_more_descriptors_than_allowed_are_named() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with pytest.raises(DescriptorsTooFew, match=f"{hard + 1} open files are wanted"):
        allow_descriptors(hard + 1)


def test_fewer_descriptors_than_there_are_change_nothing() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_descriptors(1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
