"""The fast lane answers what the slow lane would, byte for byte, and nothing else."""

import asyncio
import os
import random
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest

from shared.paths import Kind, asset_key
from tests.edge.edges import World
from tests.edge.films import ASSET_ID, OTHER_VIDEO_ID, SEGMENT_IN_PAGES, Signer
from tests.edge.inside import scrape

SEGMENT: Final = "video/720/1.m4s"
SITE: Final = "https://site.example"

HOST: Final = "Host: edge.example"
USUAL: Final = (
    ("Accept: */*",),
    ("Accept-Encoding: gzip, deflate, br", "Accept-Encoding: identity"),
    (f"Origin: {SITE}", "Origin: https://other.example"),
    ("Referer: https://site.example/watch",),
    ("User-Agent: a player",),
)
UNUSUAL: Final = (
    "Range: bytes=0-9",
    "Range: bytes=9999999-",
    'If-None-Match: "other", *',
    'If-Match: "other"',
    "X-Anything: at all",
)


@dataclass
class Wire:
    """A connection that is kept, and the very bytes that come back on it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> bytes:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)\r\n", head)
        if length is None or request.startswith(b"HEAD"):
            return head
        return head + await self.reader.readexactly(int(length[1]))


@asynccontextmanager
async def connect(world: World) -> AsyncIterator[Wire]:
    wire = Wire(*await asyncio.open_connection("127.0.0.1", world.running.port))
    try:
        yield wire
    finally:
        wire.writer.close()
        await wire.writer.wait_closed()


@asynccontextmanager
async def connect_slowly(world: World) -> AsyncIterator[Wire]:
    """A connection that the fast lane leaves alone for ever, since it saw a body announced."""
    async with connect(world) as wire:
        await wire.ask(b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        yield wire


def write_request(path: str, *fields: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", HOST, *fields, "", ""]
    return "\r\n".join(lines).encode()


def mask(answer: bytes) -> bytes:
    """Without what tells the time or a refusal's id, which differ from answer to answer."""
    answer = re.sub(rb"Date: [^\r]+|expired \d+ s ago", b"-", answer)
    return re.sub(rb'(decision_id":\s*"|X-Decision-Id: )[0-9a-f]{16}', rb"\1-", answer)


async def count_fast(world: World) -> float:
    return (await scrape(world.internal)).get(("fast_answers_total",), 0)


def path_of(token: str, name: str = SEGMENT) -> str:
    return f"/v1/{token}/{ASSET_ID}/{name}"


async def test_a_repeated_request_is_answered_fast(world: World) -> None:
    request = write_request(path_of(world.signer.issue()))
    async with connect(world) as wire:
        first, *others = [await wire.ask(request) for _ in range(4)]
    body = world.film.contents[SEGMENT]
    assert all(answer.endswith(b"\r\n\r\n" + body) for answer in (first, *others))
    assert await count_fast(world) == 3


async def test_a_large_file_is_sent_from_the_page_cache_as_it_is(world: World) -> None:
    request = write_request(path_of(world.signer.issue(), SEGMENT_IN_PAGES))
    async with connect(world) as wire:
        answers = [await wire.ask(request) for _ in range(4)]
    body = world.film.contents[SEGMENT_IN_PAGES]
    assert all(answer.endswith(b"\r\n\r\n" + body) for answer in answers)
    assert await count_fast(world) == 3


async def test_a_large_file_that_is_evicted_or_replaced_is_sent_from_ram(world: World) -> None:
    request = write_request(path_of(world.signer.issue(), SEGMENT_IN_PAGES))
    key = asset_key(ASSET_ID, SEGMENT_IN_PAGES)
    body = world.film.contents[SEGMENT_IN_PAGES]
    descriptor = world.store.open_file(key)
    async with connect(world) as wire:
        await wire.ask(request)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        evicted = await wire.ask(request)
        world.store.put(key, bytes(len(body)))
        replaced = await wire.ask(request)
    os.close(descriptor)
    assert evicted.endswith(b"\r\n\r\n" + body)
    assert replaced.endswith(b"\r\n\r\n" + body)


async def test_a_file_that_is_not_in_ram_is_fetched_without_the_slow_lane(world: World) -> None:
    path = path_of(world.signer.issue())
    async with connect(world) as wire:
        await wire.ask(write_request(path))
        answer = await wire.ask(write_request(path.replace(SEGMENT, "video/720/2.m4s")))
        again = await wire.ask(write_request(path.replace(SEGMENT, "video/720/2.m4s")))
    assert answer.endswith(world.film.contents["video/720/2.m4s"])
    assert b"Cache-Status: sluice; fwd=miss; stored; detail=disk\r\nServer-Timing: read" in answer
    assert b"Cache-Status: sluice; hit; detail=ram" in again
    assert await count_fast(world) == 1


async def test_what_cannot_be_fetched_is_told_by_the_slow_lane(world: World) -> None:
    path = path_of(world.signer.issue())
    world.store.delete(asset_key(ASSET_ID, "video/720/2.m4s"))
    async with connect(world) as wire:
        await wire.ask(write_request(path))
        answer = await wire.ask(write_request(path.replace(SEGMENT, "video/720/2.m4s")))
        after = await wire.ask(write_request(path))
    assert b"HTTP/1.1 503" in answer
    assert b"store_unavailable" in answer
    assert after.endswith(world.film.contents[SEGMENT])


async def test_requests_behind_one_that_is_fetched_wait_for_it(world: World) -> None:
    path = path_of(world.signer.issue())
    names = ["video/720/2.m4s", "video/720/3.m4s", SEGMENT]
    async with connect(world) as wire:
        await wire.ask(write_request(path))
        for name in names:
            wire.writer.write(write_request(path.replace(SEGMENT, name)))
            await wire.writer.drain()
        answers = [await wire.ask(b"") for _ in names]
    for name, answer in zip(names, answers, strict=True):
        assert answer.endswith(world.film.contents[name])


def tokens(signer: Signer) -> Iterator[str]:
    yield signer.issue()
    yield signer.issue(asset_id=ASSET_ID)
    yield signer.issue(max_height=720)
    yield signer.issue(max_height=360)
    yield signer.issue(origins=(SITE,))
    yield signer.issue(origins=(SITE,), origins_strict=True)
    yield signer.issue(ip="127.0.0.0/8")
    yield signer.issue(ip="192.0.2.0/24")
    yield signer.issue(kinds=frozenset({Kind.POSTER, Kind.DOWNLOAD}))
    yield signer.issue(video_id=OTHER_VIDEO_ID)
    yield signer.issue(expires_at=int(time.time()) - 1)
    yield signer.issue() + "A"


def make_requests(world: World, count: int) -> Iterator[bytes]:
    """Requests as players and others make them: most of them plain, some not."""
    source = random.Random(20_261)  # noqa: S311  (the same requests every time)
    issued = list(tokens(world.signer))
    names = [*world.film.contents, "video/720/99.m4s", "video/../main.m3u8", "asset.json"]
    for _ in range(count):
        fields = [source.choice(choices) for choices in source.sample(USUAL, source.randrange(4))]
        if source.random() < 0.2:
            fields.append(source.choice(UNUSUAL))
        path = path_of(source.choice(issued), source.choice(names))
        if source.random() < 0.1:
            path += source.choice(["?CMCD=a", "?token=a", "/", "#x"])
        yield write_request(path, *fields, method=source.choice(["GET"] * 9 + ["HEAD"]))


@pytest.mark.slow
async def test_both_lanes_give_the_same_bytes(world: World) -> None:
    async with connect(world) as fast, connect_slowly(world) as slow:
        for request in make_requests(world, 1500):
            await slow.ask(request)  # brings everything into RAM
            assert mask(await fast.ask(request)) == mask(await slow.ask(request)), request
    assert await count_fast(world) > 200


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(["Range: bytes=0-9"], id="range"),
        pytest.param(['If-None-Match: "x"'], id="condition"),
        pytest.param(["Connection: close"], id="close"),
        pytest.param(["Cookie: a=b"], id="cookie"),
        pytest.param(["X-Forwarded-For: 192.0.2.7"], id="proxy"),
    ],
)
async def test_what_is_not_plain_is_answered_slowly(world: World, fields: list[str]) -> None:
    path = path_of(world.signer.issue())
    async with connect(world) as wire:
        await wire.ask(write_request(path))
        await wire.ask(write_request(path, *fields))
    assert await count_fast(world) == 0


async def test_after_a_body_nothing_is_fast_any_more(world: World) -> None:
    """Bytes behind an announced body may be that body, not a request."""
    request = write_request(path_of(world.signer.issue()))
    async with connect_slowly(world) as wire:
        for _ in range(3):
            await wire.ask(request)
    assert await count_fast(world) == 0


async def test_a_request_in_a_body_is_no_request(world: World) -> None:
    """The classic of smuggling: the same bytes, once as a body and once as a request."""
    hidden = write_request(path_of(world.signer.issue()))
    await world.fetch(SEGMENT)
    outer = (
        b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % len(hidden)
    )
    async with connect(world) as wire:
        wire.writer.write(outer)
        await wire.writer.drain()
        wire.writer.write(hidden)
        answer = await wire.reader.read()
    assert answer.count(b"HTTP/1.1 200") == 1
    assert answer.endswith(b"ok\n")


async def test_requests_in_one_packet_are_all_answered_in_order(world: World) -> None:
    path = path_of(world.signer.issue())
    names = ["video/720/1.m4s", "video/720/2.m4s", "poster/poster.jpg"]
    requests = [write_request(path.replace(SEGMENT, name)) for name in names]
    async with connect(world) as wire:
        for request in requests:
            await wire.ask(request)
        wire.writer.write(b"".join(requests))
        answers = [await wire.ask(b"") for _ in requests]
    for name, answer in zip(names, answers, strict=True):
        assert answer.endswith(world.film.contents[name])


async def test_a_token_that_expires_is_refused_on_the_fast_lane_too(world: World) -> None:
    """The clock is asked for every request: the last answers are refusals, never a body."""
    expires_at = int(time.time()) + 2
    request = write_request(path_of(world.signer.issue(expires_at=expires_at)))
    async with connect(world) as wire:
        while b"HTTP/1.1 200" in (answer := await wire.ask(request)):
            assert time.time() < expires_at + 1
    assert b"token_expired" in answer
    assert await count_fast(world) > 0


async def test_withdrawn_keys_close_the_fast_lane(world: World) -> None:
    request = write_request(path_of(world.signer.issue()))
    async with connect(world) as wire:
        await wire.ask(request)
        await wire.ask(request)
        world.running.keys.current = {}
        world.running.keys.version += 1
        answer = await wire.ask(request)
    assert b"HTTP/1.1 200" not in answer
