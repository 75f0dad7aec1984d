"""A wire between players and the edge: it carries every byte unchanged and notes what went by.

Told to, it keeps requests back, or breaks in the middle of an answer.
"""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_CHUNK: Final = 64 * 1024
_BODILESS: Final = (204, 304)
_HEAD_END: Final = b"\r\n\r\n"


@dataclass(slots=True)
class Exchange:
    """A request, and what came back so far; `status` is 0 before. Times are unix seconds."""

    method: str
    target: str
    headers: Mapping[str, str]
    status: int = 0
    answered_at: float = 0.0
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    @property
    def name(self) -> str:
        """The path below the asset: `video/720/1.m4s`."""
        return "/".join(urlsplit(self.target).path.split("/")[4:])


@dataclass(slots=True)
class Wire:
    """One end is `url`, the other the edge. What tests tell it holds for what comes after."""

    url: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    _holds: list[tuple[re.Pattern[str], Callable[[], float]]] = field(default_factory=list)
    _cuts: list[tuple[re.Pattern[str], int]] = field(default_factory=list)

    def hold(self, names: str, *, until: float) -> None:
        """Keep requests whose name matches back until then."""
        self._holds.append((re.compile(names), lambda: until - time.time()))

    def delay(self, names: str, *, by_s: float) -> None:
        """Keep each of them back for so long."""
        self._holds.append((re.compile(names), lambda: by_s))

    def cut(self, names: str, *, after_bytes: int) -> None:
        """Break the connection once, when so much of a body went by."""
        self._cuts.append((re.compile(names), after_bytes))

    def list_answered(self, names: str, *, status: int = 0) -> list[Exchange]:
        """What was answered, of names that match; with `status` of that alone."""
        return [
            exchange
            for exchange in list(self.exchanges)
            if exchange.status
            and status in (0, exchange.status)
            and re.search(names, exchange.name)
        ]

    async def carry(self, near: Connection, far: Connection, *, until: asyncio.Event) -> None:
        """Join two connections until one of them ends, or the wire is taken away."""
        asked: asyncio.Queue[Exchange] = asyncio.Queue()
        ends = {
            asyncio.ensure_future(self._carry_requests(near[0], far[1], asked)),
            asyncio.ensure_future(self._carry_answers(far[0], near[1], asked)),
            asyncio.ensure_future(until.wait()),
        }
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        for writer in (near[1], far[1]):
            writer.close()
        closing = (writer.wait_closed() for writer in (near[1], far[1]))
        await asyncio.gather(*ends, *closing, return_exceptions=True)

    async def _carry_requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asked: asyncio.Queue[Exchange],
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(_HEAD_END)
                line, headers = _parse_head(head)
                method, target, _ = line.split(" ")
                exchange = Exchange(method, target, headers)
                self.exchanges.append(exchange)
                await self._wait_for_turn(exchange)
                asked.put_nowait(exchange)
                writer.write(head)

    async def _wait_for_turn(self, exchange: Exchange) -> None:
        for names, find_rest_s in self._holds:
            if names.search(exchange.name):
                await asyncio.sleep(max(0.0, find_rest_s()))

    async def _carry_answers(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asked: asyncio.Queue[Exchange],
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(_HEAD_END)
                exchange = await asked.get()
                line, exchange.answer_headers = _parse_head(head)
                exchange.status, exchange.answered_at = int(line.split(" ")[1]), time.time()
                writer.write(head)
                await self._carry_body(exchange, reader, writer)

    async def _carry_body(
        self, exchange: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if exchange.method == "HEAD" or exchange.status in _BODILESS:
            return
        size = int(exchange.answer_headers["content-length"])
        end = self._find_cut(exchange, size)
        while len(exchange.body) < end:
            chunk = await reader.read(min(_CHUNK, end - len(exchange.body)))
            if not chunk:
                break
            exchange.body += chunk
            writer.write(chunk)
            await writer.drain()
        if len(exchange.body) < size:
            raise ConnectionAbortedError

    def _find_cut(self, exchange: Exchange, size: int) -> int:
        """Where this body ends on its way; a cut is used up."""
        for cut in self._cuts:
            names, after_bytes = cut
            if names.search(exchange.name) and after_bytes < size:
                self._cuts.remove(cut)
                return after_bytes
        return size


@contextmanager
def lay_wire(edge_url: str) -> Iterator[Wire]:
    """A wire to the edge, on a free port of this machine."""
    wire, cut_off, laid = Wire(), asyncio.Event(), threading.Event()
    loop = asyncio.new_event_loop()

    def serve() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_serve(wire, edge_url, until=cut_off, laid=laid))

    thread = threading.Thread(target=serve)
    thread.start()
    laid.wait()
    try:
        yield wire
    finally:
        loop.call_soon_threadsafe(cut_off.set)
        thread.join()


async def _serve(wire: Wire, edge_url: str, *, until: asyncio.Event, laid: threading.Event) -> None:
    address, tasks = urlsplit(edge_url), set[asyncio.Task[None] | None]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        far = await asyncio.open_connection(address.hostname, address.port)
        await wire.carry((reader, writer), far, until=until)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    laid.set()
    await until.wait()
    server.close()
    await asyncio.gather(*filter(None, tasks))


def _parse_head(head: bytes) -> tuple[str, dict[str, str]]:
    line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = (one.partition(":") for one in fields)
    return line, {name.lower(): value.strip() for name, _, value in pairs}
