"""Answers as bytes: heads serialised once per file, and the object that aiohttp sends.

`Reply` stands in for `aiohttp.web.Response`, which would serialise headers for every request and
copy the body. It writes the head and then the shared `bytes` themselves, so that a hundred slow
viewers of one segment hold one segment.
"""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpVersion11
from aiohttp.web import BaseRequest

from edge.http.ranges import Span
from shared.paths import MAIN_PLAYLIST, Kind

NEVER_STORED: Final = "private, no-store"

HIT: Final = b"Cache-Status: sluice; hit; detail=ram\r\n"
STORED: Final = b"Cache-Status: sluice; fwd=miss; stored; detail=disk\r\n"
FORWARDED: Final = b"Cache-Status: sluice; fwd=miss; detail=disk\r\n"
"""Where the bytes came from (RFC 9211): ends of heads."""

EVERYWHERE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Cache-Status, Content-Length, Content-Range, Date, ETag, Retry-After,"
        " Server-Timing, X-Decision-Id"
    ),
    "Timing-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}

JOINED_BYTES: Final = 16 * 1024
"""Up to here a copy is cheaper than a second buffer for the kernel to gather."""

_NO_NOTE: Final[Mapping[str, str]] = MappingProxyType({})


def render_head(status: int, fields: Mapping[str, str]) -> bytes:
    """A status line and fields, each with its line end; `Date` and the empty line come later."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    for name, value in {**fields, **EVERYWHERE}.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"{name} would break the head: {value[:64]!r}")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, ""]).encode()


class CachePolicy(NamedTuple):
    """What the viewer's own cache may do, and what shared ones may (RFC 9213), if anything.

    A shared cache may keep a file that is the same for everybody, but has to ask before each use:
    its question carries the token of whoever wants the file, so that the gate is asked as well,
    and a 304 costs no bytes. However it is set up, it opens nothing to anybody by itself.
    """

    private: str
    shared: str | None = None


IMMUTABLE: Final = CachePolicy("private, max-age=31536000, immutable", "no-cache")
SHORT_LIVED: Final = CachePolicy("private, max-age=60", "no-cache")
LIMITED: Final = CachePolicy("private, max-age=60")
NEVER: Final = CachePolicy(NEVER_STORED)


def choose_cache_policy(kind: Kind, name: str) -> CachePolicy:
    """Keys are never stored; playlists are brief, since a film still being made may grow them;
    the main playlist differs with the limits of tokens, so it is no shared cache's business."""
    if kind is Kind.KEY:
        return NEVER
    if name == MAIN_PLAYLIST:
        return LIMITED
    return SHORT_LIVED if name.endswith(".m3u8") else IMMUTABLE


@dataclass(frozen=True, slots=True)
class Representation:
    """What there is to say about some bytes before any is sent. `etag` is strong, in quotes.

    `encoding` is the coding of a compressed twin, `varies` tells that there are two to choose
    from. `hit_head` is the whole head, up to the date, of a GET that is answered from RAM.
    """

    size_bytes: int
    etag: str
    content_type: str
    policy: CachePolicy
    encoding: str | None = None
    varies: bool = False
    full_head: bytes = field(init=False, repr=False, compare=False)
    hit_head: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fields = {"Content-Length": str(self.size_bytes), **self._describe()}
        object.__setattr__(self, "full_head", render_head(200, fields))
        object.__setattr__(self, "hit_head", self.full_head + HIT)

    def partial_head(self, span: Span) -> bytes:
        content_range = span.content_range(self.size_bytes)
        fields = {"Content-Length": str(span.length), "Content-Range": content_range}
        return render_head(206, fields | self._describe())

    def not_modified_head(self) -> bytes:
        """What RFC 9110 section 15.4.5 asks for, and nothing that describes a body."""
        return render_head(304, self._validate())

    def _describe(self) -> dict[str, str]:
        return {
            "Content-Type": self.content_type,
            **({} if self.encoding is None else {"Content-Encoding": self.encoding}),
            **self._validate(),
            "Accept-Ranges": "bytes" if self.encoding is None else "none",
        }

    def _validate(self) -> dict[str, str]:
        private, shared = self.policy
        return {
            "ETag": self.etag,
            "Cache-Control": private,
            **({} if shared is None else {"CDN-Cache-Control": shared}),
            **({"Vary": "Accept-Encoding"} if self.varies else {}),
        }


def reply_redirect(path: str) -> "Reply":
    """A 307 to another path of this server, which may hold a token."""
    fields = {
        "Location": path,
        "Content-Length": "0",
        "Cache-Control": NEVER_STORED,
        "Referrer-Policy": "no-referrer",
    }
    return Reply(307, render_head(307, fields))


class Reply:
    """One answer, in the shape that aiohttp's protocol wants of a response.

    `head` is what `render_head` makes. `body` is sent as it is; `chunks` follow it, for what is
    too large to hold. `note` goes to the access log. `sent_bytes` counts the body as handed to
    the transport.
    """

    __slots__ = ("body", "chunks", "head", "keep_alive", "note", "request", "sent_bytes", "status")

    def __init__(
        self,
        status: int,
        head: bytes,
        *,
        body: bytes | memoryview = b"",
        chunks: AsyncGenerator[bytes, None] | None = None,
        note: Mapping[str, str] = _NO_NOTE,
        keep_alive: bool = True,
    ) -> None:
        self.status = status
        self.head = head
        self.body = body
        self.chunks = chunks
        self.note = note
        self.keep_alive = keep_alive
        self.sent_bytes = 0

    async def prepare(self, request: BaseRequest) -> None:
        """Hand head and body to the transport. aiohttp takes a `ConnectionError` from here for
        a client that has left; raised in a handler it would be logged as a fault."""
        self.request = request
        if not request.keep_alive or request.version != HttpVersion11:
            self.keep_alive = False
        if request.protocol.writing_paused:
            # most of the answer before is not taken yet: a connection holds one body
            await self._wait_for_room()
        transport = request.transport
        if transport is None:
            await self._give_up()
        if request.method == "HEAD":
            self.body, self.chunks = b"", None
        connection = b"" if self.keep_alive else b"Connection: close\r\n"
        head = b"%bDate: %b\r\n%b\r\n" % (self.head, render_date(int(time.time())), connection)
        if len(self.body) <= JOINED_BYTES:
            transport.write(b"".join((head, self.body)))
        else:
            transport.writelines((head, self.body))
        self.sent_bytes = len(self.body)
        self.body = b""

    async def write_eof(self) -> None:
        """Send what is too large to hold, as fast as the client takes it."""
        if self.chunks is None:
            return
        protocol = self.request.protocol
        async with aclosing(self.chunks) as chunks:
            if protocol.writing_paused:
                await self._wait_for_room()
            async for chunk in chunks:
                if protocol.transport is None:
                    await self._give_up()
                protocol.transport.write(chunk)
                self.sent_bytes += len(chunk)
                del chunk  # it may be long until the next one
                if protocol.writing_paused:
                    await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        if not await _drain(self.request.writer):
            await self._give_up()

    async def _give_up(self) -> NoReturn:
        """Let go of all that was still to be sent, now: an error that has come through here keeps
        this reply until the garbage collector finds it."""
        chunks, self.chunks, self.body = self.chunks, None, b""
        if chunks is not None:
            await chunks.aclose()
        raise ConnectionResetError("the client has left")


async def _drain(writer: AbstractStreamWriter) -> bool:
    """Whether the transport has room again; not when the connection is lost. The error that says
    so holds its own frames in a circle, and so nothing else may be in them."""
    try:
        await writer.drain()
    except ConnectionError:
        return False
    return True


@lru_cache(maxsize=2)
def render_date(now: int) -> bytes:
    return formatdate(now, usegmt=True).encode()
