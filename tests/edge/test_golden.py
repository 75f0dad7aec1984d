"""Whole exchanges, byte for byte: what is sent and what comes back stands in `golden/`.

A file holds requests (after `>>>`) and their answers (after `<<<`), sent over one connection one
after the other. Lines end with CRLF on the wire. In braces stand what differs from run to run and,
for bodies that are no text, their length and their entity tag.
"""

import asyncio
import gzip
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from shared.asset import etag_of
from shared.paths import Kind
from tests.edge.edges import World
from tests.edge.films import ASSET_ID, OTHER_VIDEO_ID, VIDEO_ID

FOLDER: Final = Path(__file__).parent / "golden"

_MASKS: Final = (
    (re.compile(r"(?m)^Date: \w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT\r$"), "Date: {date}\r"),
    (re.compile(r";dur=\d+\.\d\b"), ";dur={ms}"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "{decision id}"),
    (re.compile(r"Max-Age=\d+;"), "Max-Age={seconds};"),
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the answer to it, with braces."""

    request: str
    answer: str


def read_golden(path: Path) -> Iterator[Exchange]:
    for part in path.read_text().split(">>>\n")[1:]:
        request, _, answer = part.partition("<<<\n")
        yield Exchange(request.removesuffix("\n"), answer.rstrip("\n"))


def name_tokens(world: World) -> dict[str, str]:
    now = int(time.time())
    return {
        "token": world.signer.issue(kinds=frozenset(Kind)),
        "asset token": world.signer.issue(asset_id=ASSET_ID),
        "720p token": world.signer.issue(max_height=720),
        "poster token": world.signer.issue(kinds=frozenset({Kind.POSTER})),
        "expired token": world.signer.issue(
            issued_at=now - 100, not_before=now - 100, expires_at=now
        ),
        "other token": world.signer.issue(video_id=OTHER_VIDEO_ID),
    }


def fill(text: str, names: dict[str, str]) -> bytes:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    assert "{" not in text
    return text.replace("\n", "\r\n").encode("latin-1")


async def read_answer(reader: asyncio.StreamReader, method: str) -> tuple[str, bytes]:
    """Head and body as they come."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"(?m)^Content-Length: (\d+)\r$", head)
    bodiless = method == "HEAD" or head.startswith(("HTTP/1.1 204", "HTTP/1.1 304"))
    return head, b"" if bodiless or not length else await reader.readexactly(int(length[1]))


def mask(head: str, body: bytes, names: dict[str, str]) -> str:
    if "\r\nContent-Encoding: gzip\r\n" in head:
        # zlib's versions differ in how well they do
        head = head.replace(f"Content-Length: {len(body)}\r", "Content-Length: {gzipped}\r")
        body = gzip.decompress(body)
    text = body.decode("ascii", "replace")
    if not text.isascii() or "\x00" in text:
        text = f"{{{len(body)} bytes, {etag_of(body)}}}"
    whole = head + text
    for pattern, replacement in _MASKS:
        whole = pattern.sub(replacement, whole)
    for name, value in names.items():
        whole = whole.replace(value, f"{{{name}}}")
    return whole.replace("\r\n", "\n").rstrip("\n")


async def test_exchanges_are_what_they_were(world: World, golden: Path) -> None:
    names = name_tokens(world)
    places = {"asset": ASSET_ID, "video": VIDEO_ID}
    reader, writer = await asyncio.open_connection("127.0.0.1", world.running.port)
    exchanges = list(read_golden(golden))
    assert exchanges
    for exchange in exchanges:
        if reader.at_eof():
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", world.running.port)
        writer.write(fill(exchange.request, names | places))
        head, body = await read_answer(reader, exchange.request.partition(" ")[0])
        assert mask(head, body, names) == exchange.answer
        if "\r\nConnection: close\r\n" in head:
            assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    paths = sorted(FOLDER.glob("*.txt"))
    metafunc.parametrize("golden", paths, ids=[path.stem for path in paths])
