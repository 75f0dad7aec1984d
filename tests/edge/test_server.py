"""Starting with everything else down, and stopping without cutting anybody off."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import HttpUrl

from edge.content.reader import Reader
from edge.process.internal import CannotListen
from edge.server import open_edge
from shared.runtime.store.local import LocalStore
from tests.edge.edges import make_config, serve_keys
from tests.edge.films import ASSET_ID, Signer, make_film, publish_film

BIG = "video/720/big.m4s"
BIG_BYTES = 12_000_000  # more than the kernel buffers


@pytest.fixture
def film_path(store: LocalStore, signer: Signer) -> str:
    publish_film(store, make_film(sizes={BIG: BIG_BYTES}))
    return f"/v1/{signer.issue()}/{ASSET_ID}/{BIG}"


async def get_status(port: int, path: str) -> int:
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as answer:
        await answer.read()
        return answer.status


async def test_an_edge_with_a_copy_of_the_keys_serves_while_the_control_plane_is_down(
    tmp_path: Path, signer: Signer, film_path: str
) -> None:
    async with serve_keys(signer.jwks()) as keys:
        first = make_config(tmp_path, jwks_url=HttpUrl(keys.url))
        async with open_edge(first) as edge:
            await edge.keys.refresh()
            assert await get_status(edge.port, film_path) == 200
    async with open_edge(make_config(tmp_path)) as edge:
        assert await get_status(edge.port, film_path) == 200


async def test_an_edge_that_has_never_seen_a_key_says_so(tmp_path: Path, film_path: str) -> None:
    async with open_edge(make_config(tmp_path)) as edge:
        assert await get_status(edge.port, film_path) == 503
        assert await get_status(edge.port, "/livez") == 200


async def test_keys_that_come_later_are_used_at_once(
    tmp_path: Path, signer: Signer, film_path: str
) -> None:
    async with serve_keys(b"") as keys:
        config = make_config(tmp_path, jwks_url=HttpUrl(keys.url))
        async with open_edge(config) as edge:
            assert await get_status(edge.port, film_path) == 503
            keys.document = signer.jwks()
            await edge.keys.refresh()
            assert await get_status(edge.port, film_path) == 200


async def test_workers_share_a_port(tmp_path: Path) -> None:
    first = make_config(tmp_path)
    async with open_edge(first) as one:
        second = make_config(tmp_path, port=one.port, internal=f"unix:{tmp_path / 'second.sock'}")
        async with open_edge(second) as two:
            assert two.port == one.port


async def test_a_taken_port_is_said_to_be_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}"):
            async with open_edge(make_config(tmp_path, port=port)):
                pass


class Slow:
    """A client that has asked for the big file and does not read on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def ask(cls, port: int, path: str) -> "Slow":
        plug = socket.socket()
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plug.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plug, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=plug, limit=1024)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    async def read_rest(self) -> bytes:
        rest = await self.reader.read()
        self.writer.close()
        await self.writer.wait_closed()
        return rest


@pytest.mark.parametrize(
    "cache_bytes", [200_000_000, 2_000_000], ids=["sent from RAM", "sent in chunks"]
)
async def test_a_stop_waits_for_bodies_under_way(
    tmp_path: Path, signer: Signer, film_path: str, cache_bytes: int
) -> None:
    config = make_config(tmp_path, cache_bytes=cache_bytes)
    config.keys_file.write_bytes(signer.jwks())
    async with open_edge(config) as edge:
        slow = await Slow.ask(edge.port, film_path)
        reading = asyncio.create_task(slow.read_rest())
    assert len(await reading) == BIG_BYTES
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", edge.port)


async def test_a_stop_does_not_wait_for_ever(
    tmp_path: Path, signer: Signer, film_path: str
) -> None:
    config = make_config(tmp_path, drain_s=0.05)
    config.keys_file.write_bytes(signer.jwks())
    async with open_edge(config) as edge:
        slow = await Slow.ask(edge.port, film_path)
    assert len(await slow.read_rest()) < BIG_BYTES


async def test_a_stop_hangs_up_on_idle_connections_at_once(tmp_path: Path) -> None:
    async with open_edge(make_config(tmp_path, drain_s=3600)) as edge:
        idle = await asyncio.open_connection("127.0.0.1", edge.port)
        used = await asyncio.open_connection("127.0.0.1", edge.port)
        used[1].write(b"GET /livez HTTP/1.1\r\nHost: edge\r\n\r\n")
        await used[0].readuntil(b"ok\n")
    for reader, writer in (idle, used):
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_leaves_before_its_answer_is_no_fault(
    tmp_path: Path,
    signer: Signer,
    film_path: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reading, left = asyncio.Event(), asyncio.Event()
    read = Reader.read_parsed

    async def read_late(reader: Reader, key: str, parse: Callable[[bytes], Any]) -> Any:
        reading.set()
        await left.wait()
        return await read(reader, key, parse)

    monkeypatch.setattr(Reader, "read_parsed", read_late)
    config = make_config(tmp_path)
    config.keys_file.write_bytes(signer.jwks())
    async with open_edge(config) as edge:
        _, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(f"GET {film_path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        await reading.wait()
        writer.transport.abort()
        # a later connection is answered after the edge has seen the first one go
        assert await get_status(edge.port, "/livez") == 200
        left.set()
        assert await get_status(edge.port, film_path) == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_client_that_leaves_in_mid_body_is_no_fault(
    tmp_path: Path, signer: Signer, film_path: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = make_config(tmp_path)
    config.keys_file.write_bytes(signer.jwks())
    async with open_edge(config) as edge:
        slow = await Slow.ask(edge.port, film_path)
        slow.writer.transport.abort()
        assert await get_status(edge.port, film_path) == 200
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
