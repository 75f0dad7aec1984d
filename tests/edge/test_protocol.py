"""Which aiohttp is fit, and what a connection offers to the fast lane."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, cast

import aiohttp
import pytest
from aiohttp import http_parser, web

from edge.fast_lane import FastLane
from edge.http.responses import Reply, render_head
from edge.limits import ConnectionLimit
from edge.protocol import Connection, Listener, ServerUnfit, check_aiohttp
from tests.edge.processes import wait_until


def test_the_installed_aiohttp_is_fit() -> None:
    check_aiohttp(aiohttp.__version__)


@pytest.mark.parametrize("version", ["3.14.4", "3.9.5", "2.99.99"])
def test_an_old_aiohttp_is_unfit(version: str) -> None:
    with pytest.raises(ServerUnfit, match="older"):
        check_aiohttp(version)


@pytest.mark.parametrize("version", ["3.14.5", "3.15.0", "4.0.0a1"])
def test_a_newer_aiohttp_is_fit(version: str) -> None:
    check_aiohttp(version)


def test_an_aiohttp_without_its_c_parser_is_unfit(monkeypatch: pytest.MonkeyPatch) -> None:
    python_parser = http_parser.HttpRequestParserPy
    monkeypatch.setattr(http_parser, "HttpRequestParser", python_parser)
    with pytest.raises(ServerUnfit, match="C parser"):
        check_aiohttp(aiohttp.__version__)


WHOLE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


class Lane:
    """A fast lane that answers nothing, and remembers what it was offered. Where `fetches` is set,
    it takes until `fetched`, and answers then."""

    def __init__(self) -> None:
        self.offered: list[bytes] = []
        self.fetches = False
        self.fetched = asyncio.Event()

    def answer(self, data: bytes, _transport: asyncio.Transport) -> bool:
        self.offered.append(data)
        return False

    def fetch(self, _data: bytes) -> Coroutine[Any, Any, Literal[True]] | None:
        return self.fetched.wait() if self.fetches else None

    def answer_fetched(self, _data: bytes, transport: asyncio.Transport, _fetched: Any) -> bool:
        transport.write(b"fetched, ok\n")
        return True


@dataclass
class Line:
    """A connection to a listener whose handler knows one answer."""

    lane: Lane
    listener: Listener
    connections: list[Connection]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def connection(self) -> Connection:
        return self.connections[0]

    def partial_since(self) -> float | None:
        return self.connection.partial_since

    async def ask(self, data: bytes) -> None:
        self.writer.write(data)
        await self.reader.readuntil(b"ok\n")


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async def answer(_request: web.BaseRequest) -> Reply:
        return Reply(200, render_head(200, {"Content-Length": "3"}), body=b"ok\n")

    lane = Lane()
    connections: list[Connection] = []
    listener = Listener(
        answer,
        lambda _request, _reply: None,
        lane=cast("FastLane", lane),
        limit=ConnectionLimit(10, ()),
    )

    def connect() -> web.RequestHandler:
        connections.append(cast("Connection", listener()))
        return connections[-1]

    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    yield Line(lane, listener, connections, reader, writer)
    writer.close()
    server.close()
    await listener.drain(1)


async def test_whole_requests_are_offered_to_the_fast_lane(line: Line) -> None:
    for _ in range(3):
        await line.ask(WHOLE)
    assert WHOLE in line.lane.offered


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([WHOLE[:9], WHOLE[9:]], id="in two pieces"),
        pytest.param([WHOLE.replace(b"x\r\n", b"x\r\nContent-Length: 0\r\n")], id="with a body"),
        pytest.param([WHOLE.replace(b"x\r\n", b"x\r\nUpgrade: h2c\r\n")], id="with an upgrade"),
    ],
)
async def test_after_unclear_bytes_nothing_is_offered(line: Line, pieces: list[bytes]) -> None:
    await line.ask(WHOLE)
    *first, last = pieces
    for piece in first:
        line.writer.write(piece)
        await wait_until(lambda: line.partial_since() is not None, what="a piece")
    await line.ask(last)
    line.lane.offered.clear()
    await line.ask(WHOLE)
    assert line.lane.offered == []


async def test_a_connection_knows_since_when_a_request_is_not_whole(line: Line) -> None:
    await line.ask(WHOLE)
    await line.ask(WHOLE)
    whole_at = line.connection.active_at
    line.writer.write(WHOLE[:9])
    await wait_until(lambda: line.partial_since() is not None, what="a piece")
    assert line.partial_since() is not None
    await line.ask(WHOLE[9:])
    assert line.partial_since() is None
    assert line.connection.active_at >= whole_at


async def begin_fetching(line: Line) -> None:
    await line.ask(WHOLE)
    line.lane.fetches = True
    line.writer.write(WHOLE)
    await wait_until(lambda: line.connection.fetching is not None, what="a request for a file")


async def test_a_stop_waits_for_what_is_being_fetched(line: Line) -> None:
    await begin_fetching(line)
    stop = asyncio.create_task(line.listener.drain(20))
    line.lane.fetched.set()
    await stop
    assert await line.reader.read() == b"fetched, ok\n"


async def test_what_is_fetched_for_nobody_is_not_answered(line: Line) -> None:
    await begin_fetching(line)
    line.connection.force_close()
    line.lane.fetched.set()
    await wait_until(lambda: line.connection.fetching is None, what="the end of it")
    assert await line.reader.read() == b""


async def test_nothing_is_read_while_a_file_is_fetched(line: Line) -> None:
    await begin_fetching(line)
    offered = len(line.lane.offered)
    line.writer.write(WHOLE)
    await line.writer.drain()
    line.lane.fetches = False
    assert len(line.lane.offered) == offered
    line.lane.fetched.set()
    assert await line.reader.readuntil(b"ok\n") == b"fetched, ok\n"
    assert (await line.reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200")
