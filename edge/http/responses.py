"""Answers as bytes: heads serialised once per file, and the object that aiohttp sends.

`Reply` stands in for `aiohttp.web.Response`, which would serialise headers for every request and
copy the body. It writes the head and then the shared `bytes` themselves, so that a hundred slow
viewers of one segment hold one segment.
"""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from aiohttp.http import HttpVersion11
from aiohttp.web import BaseRequest

from edge.http.ranges import Span
from shared.paths import Kind

IMMUTABLE: Final = "private, max-age=31536000, immutable"
SHORT_LIVED: Final = "private, max-age=60"
NEVER_STORED: Final = "private, no-store"

EVERYWHERE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Length, Content-Range, Date, ETag, Retry-After, X-Decision-Id"
    ),
    "X-Content-Type-Options": "nosniff",
}

_JOINED_BYTES: Final = 16 * 1024
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


def choose_cache_control(kind: Kind, name: str) -> str:
    """Keys are never stored; playlists are brief, since a film still being made may grow them."""
    if kind is Kind.KEY:
        return NEVER_STORED
    return SHORT_LIVED if name.endswith(".m3u8") else IMMUTABLE


@dataclass(frozen=True, slots=True)
class Representation:
    """What there is to say about some bytes before any is sent. `etag` is strong, in quotes."""

    size_bytes: int
    etag: str
    content_type: str
    cache_control: str
    full_head: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fields = {"Content-Length": str(self.size_bytes), **self._fields()}
        object.__setattr__(self, "full_head", render_head(200, fields))

    def partial_head(self, span: Span) -> bytes:
        content_range = span.content_range(self.size_bytes)
        fields = {"Content-Length": str(span.length), "Content-Range": content_range}
        return render_head(206, fields | self._fields())

    def not_modified_head(self) -> bytes:
        return render_head(304, {"ETag": self.etag, "Cache-Control": self.cache_control})

    def _fields(self) -> dict[str, str]:
        return {
            "Content-Type": self.content_type,
            "ETag": self.etag,
            "Cache-Control": self.cache_control,
            "Accept-Ranges": "bytes",
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

    `body` is sent as it is; `chunks` follow it, for what is too large to hold. `note` goes to
    the access log. `sent_bytes` counts the body as handed to the transport.
    """

    __slots__ = ("_head", "body", "chunks", "keep_alive", "note", "request", "sent_bytes", "status")

    def __init__(
        self,
        status: int,
        head: bytes,
        *,
        body: bytes | memoryview = b"",
        chunks: AsyncIterator[bytes] | None = None,
        note: Mapping[str, str] = _NO_NOTE,
        keep_alive: bool = True,
    ) -> None:
        self.status = status
        self.body = body
        self.chunks = chunks
        self.note = note
        self.keep_alive = keep_alive
        self.sent_bytes = 0
        self._head = head

    async def prepare(self, request: BaseRequest) -> None:
        """Hand head and body to the transport. aiohttp takes a `ConnectionError` from here for
        a client that has left; raised in a handler it would be logged as a fault."""
        self.request = request
        if not request.keep_alive or request.version != HttpVersion11:
            self.keep_alive = False
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has left")
        if request.method == "HEAD":
            self.body, self.chunks = b"", None
        connection = b"" if self.keep_alive else b"Connection: close\r\n"
        head = b"%bDate: %b\r\n%b\r\n" % (self._head, _render_date(int(time.time())), connection)
        if len(self.body) <= _JOINED_BYTES:
            transport.write(b"".join((head, self.body)))
        else:
            transport.writelines((head, self.body))
        self.sent_bytes = len(self.body)

    async def write_eof(self) -> None:
        """Wait until the client has taken nearly all, so that one connection holds one body."""
        protocol, writer = self.request.protocol, self.request.writer
        if protocol.writing_paused:
            await writer.drain()
        if self.chunks is None:
            return
        async for chunk in self.chunks:
            if protocol.transport is None:
                raise ConnectionResetError("the client has left")
            protocol.transport.write(chunk)
            self.sent_bytes += len(chunk)
            if protocol.writing_paused:
                await writer.drain()


@lru_cache(maxsize=2)
def _render_date(now: int) -> bytes:
    return formatdate(now, usegmt=True).encode()
