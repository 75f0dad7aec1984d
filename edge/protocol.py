"""How aiohttp's protocol is used: our bodies for its errors, our log, and a drain that waits for
the last byte. aiohttp asks of a response what `Reply` has, but types it by class: hence the casts.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final, TypeAlias, cast

from aiohttp import http_parser, web

from edge.fast_lane import FastLane, Fetched
from edge.http.errors import BAD_REQUEST, INTERNAL, reply_problem
from edge.http.responses import Reply
from edge.limits import ConnectionLimit
from edge.plain_requests import ends_with_its_head

AIOHTTP_FLOOR: Final = (3, 14, 5)

MAX_LINE: Final = 4096
MAX_FIELD: Final = 8190
MAX_FIELDS: Final = 64
LINGERING_S: Final = 2.0

Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[Reply]]
Observer: TypeAlias = Callable[[web.BaseRequest, Reply], None]


class ServerUnfit(Exception):
    """The installed aiohttp must not face the internet."""


def check_aiohttp(version: str) -> None:
    """Raise `ServerUnfit` for an aiohttp with known request smuggling: an old one, or one whose
    C parser is missing (CVE-2025-53643, CVE-2026-69243)."""
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < AIOHTTP_FLOOR:
        raise ServerUnfit(f"aiohttp {version} is older than {'.'.join(map(str, AIOHTTP_FLOOR))}")
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise ServerUnfit("aiohttp runs without its C parser; unset AIOHTTP_NO_EXTENSIONS")


class Connection(web.RequestHandler):
    """One connection. A request that arrives alone and whole goes to the fast lane first, all else
    to aiohttp's parser, and also what comes after bytes with which the parser may not be done.
    While the fast lane fetches a file, nothing is read.

    `active_at` is the loop's time of the last whole request, `partial_since` that of the first
    bytes of one that is not whole yet.
    """

    __slots__ = ("_is_clean", "_lane", "_observe", "active_at", "fetching", "partial_since")

    def __init__(
        self, manager: web.Server, lane: FastLane, observe: Observer, **options: Any
    ) -> None:
        super().__init__(manager, **options)
        self._lane = lane
        self._observe = observe
        self._is_clean = True
        self.fetching: asyncio.Task[None] | None = None
        self.active_at = 0.0
        self.partial_since: float | None = None

    @property
    def is_answering(self) -> bool:
        """Whether a request was taken that is not answered yet."""
        return self._waiter is None or self.fetching is not None

    def _process_keepalive(self) -> None:
        """Nothing: the watchdog closes what idles, and knows of both lanes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.active_at = self._loop.time()
        self.partial_since = self.active_at
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        waiter, transport = self._waiter, self.transport
        if (
            not self._is_clean
            or waiter is None
            or transport is None
            or (waiter.done() or self._messages or self._paused)
            or (self._close or self._force_close)
        ):
            self._receive_slowly(data)
        elif self._lane.answer(data, transport):
            self.active_at = self._loop.time()
            self.partial_since = None
        elif (fetch := self._lane.fetch(data)) is not None:
            transport.pause_reading()
            self.active_at = self._loop.time()
            self.partial_since = None
            self.fetching = self._loop.create_task(self._answer_fetched(data, fetch))
        else:
            self._receive_slowly(data)

    async def _answer_fetched(
        self, data: bytes, fetch: Coroutine[Any, Any, Fetched | None]
    ) -> None:
        fetched = await fetch
        self.fetching = None
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        transport.resume_reading()
        if fetched is None or not self._lane.answer_fetched(data, transport, fetched):
            self._receive_slowly(data)

    def _receive_slowly(self, data: bytes) -> None:
        """Bytes that are a whole request leave nothing behind in the parser; after any others
        nobody but the parser knows where the next request begins."""
        self._is_clean = self._is_clean and ends_with_its_head(data)
        known = self._request_count
        super().data_received(data)
        now = self._loop.time()
        if self._request_count != known:
            self.active_at = now
            self.partial_since = None
        elif self.partial_since is None:
            self.partial_since = now

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """The border where faults end. What the parser refuses (400) is the sender's fault and no
        news; anything else is ours. aiohttp's own answers would echo the request."""
        if status == 400:
            return cast("web.StreamResponse", reply_problem(BAD_REQUEST, keep_alive=False))
        self.logger.error("a request failed", exc_info=exc)
        return cast("web.StreamResponse", reply_problem(INTERNAL, keep_alive=False))

    def log_access(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        time: float | None,  # noqa: ARG002
    ) -> None:
        self._observe(request, cast("Reply", response))


class Listener(web.Server):
    """The low-level server: makes connections, as many as `limit` lets in, and knows those that
    are open."""

    def __init__(
        self,
        handler: Handler,
        observe: Observer,
        *,
        lane: FastLane,
        limit: ConnectionLimit,
    ) -> None:
        super().__init__(cast("Any", handler))
        self._lane = lane
        self._observe = observe
        self._limit = limit
        self._open: dict[web.RequestHandler, str] = {}
        self._all_closed = asyncio.Event()

    @property
    def watched(self) -> Iterable[Connection]:
        """Those that are open."""
        return cast("Iterable[Connection]", self._open)

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def __call__(self) -> web.RequestHandler:
        return Connection(
            self,
            self._lane,
            self._observe,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=0,
            access_log=None,
            max_line_size=MAX_LINE,
            max_field_size=MAX_FIELD,
            max_headers=MAX_FIELDS,
            lingering_time=LINGERING_S,
            auto_decompress=False,
        )

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        peername = transport.get_extra_info("peername")
        address = peername[0] if peername else ""
        if self._limit.enter(address):
            self._open[handler] = address
            self._all_closed.clear()
        else:
            # not before aiohttp's task of the connection has begun, which would not bear its end
            asyncio.get_running_loop().call_soon(transport.abort)

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        address = self._open.pop(handler, None)
        if address is not None:
            self._limit.leave(address)
        if not self._open:
            self._all_closed.set()

    async def drain(self, timeout_s: float) -> None:
        """Close idle connections now, the others when their answer is out, all after a time.

        aiohttp's shutdown waits for handlers, also for those that wait for a request, unless they
        are told before; a connection made just now can be told a turn later. It is done when the
        last bytes lie in the transports; they are out when the transports are closed.
        """
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(timeout_s):
                await self._finish_fetching()
                self.pre_shutdown()
                await self.shutdown(timeout_s)
                if self._open:
                    await self._all_closed.wait()
        except TimeoutError:
            for connection in list(self.watched):
                if connection.transport is not None:
                    connection.transport.abort()

    async def _finish_fetching(self) -> None:
        """Let those that wait for a file have it. aiohttp knows nothing of them, and takes their
        connections for idle."""
        while fetching := [one.fetching for one in self.watched if one.fetching is not None]:
            await asyncio.wait(fetching)
