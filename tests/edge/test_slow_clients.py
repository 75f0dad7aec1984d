"""Clients that are slow, idle or greedy, against a running edge; and normal ones beside them."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.content.bodies import CHUNK_BYTES
from edge.server import open_edge
from shared.runtime.store.local import LocalStore
from standalone.waiting import wait_until
from tests.edge.edges import make_config
from tests.edge.films import ASSET_ID, Signer, make_film, publish_film
from tests.edge.inside import scrape
from tests.edge.open_files import open_paths

BIG = "video/720/big.m4s"
BIG_BYTES = 12_000_000  # more than the kernel buffers
LIVE = b"GET /livez HTTP/1.1\r\nHost: edge\r\n\r\n"


@pytest.fixture
def film_path(tmp_path: Path, store: LocalStore, signer: Signer) -> str:
    publish_film(store, make_film(sizes={BIG: BIG_BYTES}))
    (tmp_path / "jwks.json").write_bytes(signer.jwks())
    return f"/v1/{signer.issue()}/{ASSET_ID}/{BIG}"


class Client:
    """A connection that reads nothing it is not told to."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(False)
        self._port = port

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self._port))

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def receive(self, most: int = 65536) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.socket, most)

    async def is_cut(self) -> bool:
        """Wait for the end, whatever comes before it."""
        try:
            while await self.receive():
                pass
        except ConnectionResetError:
            pass
        return True


@asynccontextmanager
async def run(folder: Path, **settings: Any) -> AsyncIterator[Callable[[], Any]]:
    """An edge, and what makes connections to it."""
    clients: list[Client] = []
    async with open_edge(make_config(folder, **settings)) as edge:

        async def connect() -> Client:
            clients.append(Client(edge.port))
            await clients[-1].connect()
            return clients[-1]

        try:
            yield connect
        finally:
            for client in clients:
                client.socket.close()


def ask_for(path: str, **fields: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: edge", *(f"{n}: {v}" for n, v in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def count_cuts(folder: Path, reason: str) -> float:
    return (await scrape(folder / "edge.sock"))["connections_cut_total", reason]


@pytest.mark.parametrize("began", [b"", b"GET /livez HT", LIVE[:-2]], ids=["none", "line", "head"])
async def test_a_head_that_does_not_come_to_its_end_is_cut(tmp_path: Path, began: bytes) -> None:
    async with run(tmp_path, header_s=0.1) as connect:
        client = await connect()
        if began:
            await client.send(began)
        assert await client.is_cut()
        assert await count_cuts(tmp_path, "head") == 1


async def test_a_head_that_drips_is_cut_all_the_same(tmp_path: Path) -> None:
    async with run(tmp_path, header_s=1.0) as connect:
        client = await connect()
        cut = asyncio.create_task(client.is_cut())
        for byte in b"GET /livez HTTP/1.1\r\nX: " + b"x" * 10_000:
            if cut.done():
                break
            try:
                await client.send(bytes([byte]))
            except ConnectionError:
                break
            await asyncio.wait([cut], timeout=0.05)
        assert await cut
        assert await count_cuts(tmp_path, "head") == 1


async def test_a_connection_that_idles_is_closed(tmp_path: Path) -> None:
    async with run(tmp_path, keepalive_s=0.1) as connect:
        client = await connect()
        await client.send(LIVE)
        assert (await client.receive()).endswith(b"ok\n")
        assert await client.is_cut()
        assert await count_cuts(tmp_path, "idle") == 1


@pytest.mark.parametrize(
    "cache_bytes", [200_000_000, 2_000_000], ids=["sent from RAM", "sent in chunks"]
)
async def test_a_reader_that_takes_nothing_is_cut_and_others_get_everything(
    tmp_path: Path, film_path: str, cache_bytes: int
) -> None:
    request = f"GET {film_path} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n".encode()
    async with run(tmp_path, stall_s=0.5, cache_bytes=cache_bytes) as connect:
        stalled, steady = await connect(), await connect()
        await stalled.send(request)
        await steady.send(request)
        received = 0
        while piece := await steady.receive(1 << 20):
            received += len(piece)
        assert received > BIG_BYTES
        while await count_cuts(tmp_path, "stall") < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert await stalled.is_cut()
        metrics = await scrape(tmp_path / "edge.sock")
        assert metrics["connections",] == 0
        assert metrics["in_flight",] == 0


async def test_one_address_has_so_many_connections_and_gets_another_when_one_ends(
    tmp_path: Path,
) -> None:
    async with run(tmp_path, address_connections=2) as connect:
        kept = [await connect(), await connect()]
        for client in kept:
            await client.send(LIVE)
            await client.receive()
        assert await (await connect()).is_cut()
        assert (await scrape(tmp_path / "edge.sock"))[
            "limits_hit_total", "address_connections"
        ] == 1
        kept[0].socket.close()
        while (await scrape(tmp_path / "edge.sock"))["connections",] > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        late = await connect()
        await late.send(LIVE)
        assert (await late.receive()).endswith(b"ok\n")


async def test_who_is_turned_away_leaves_no_word_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with run(tmp_path, address_connections=1) as connect:
        kept = await connect()
        await kept.send(LIVE)
        await kept.receive()
        for _ in range(5):
            assert await (await connect()).is_cut()
    gc.collect()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_what_clients_left_behind_in_mid_stream_does_not_wait_for_the_collector(
    tmp_path: Path, film_path: str
) -> None:
    """The error that tells of a lost connection is garbage in a circle, and it may be a quarter of
    an hour until that is found; by then open files and chunks would have piled up behind it."""
    gc.collect()  # what earlier tests have left would be open until the end of this one
    gc.disable()
    try:
        async with run(tmp_path, cache_bytes=1024 * 1024) as connect:
            for _ in range(3):
                client = await connect()
                await client.send(ask_for(film_path))
                await client.receive()
                client.socket.close()

            async def is_closed() -> bool:
                return not any(path.endswith(BIG) for path in open_paths())

            await wait_until(is_closed, what="files that are closed", within_s=10)
    finally:
        gc.enable()


async def test_a_trusted_proxy_has_as_many_connections_as_it_likes(tmp_path: Path) -> None:
    proxies = ("127.0.0.0/8",)
    async with run(tmp_path, address_connections=1, trusted_proxies=proxies) as connect:
        for client in [await connect() for _ in range(5)]:
            await client.send(LIVE)
            assert (await client.receive()).endswith(b"ok\n")


async def test_refusals_above_the_rate_are_brief_and_valid_tokens_never_meet_them(
    tmp_path: Path, film_path: str
) -> None:
    poster = film_path.replace(BIG, "poster/poster.jpg")
    async with run(tmp_path, refusals_per_s=0.5) as connect:
        answers = []
        for number in range(6):
            client = await connect()
            await client.send(ask_for(poster.replace("/v1/", f"/v1/{number}")))
            answers.append(await client.receive())
        explained = [b"X-Decision-Id: " in answer for answer in answers]
        assert explained == [True, True, False, False, False, False]
        for answer in answers[2:]:
            assert answer.startswith(b"HTTP/1.1 429 ")
            assert b"\r\nRetry-After: 2\r\n" in answer
            assert b"\r\nConnection: close\r\n" in answer
            assert b'"code":"too_many_refusals"' in answer.replace(b": ", b":")
        client = await connect()
        await client.send(ask_for(poster))
        assert (await client.receive()).startswith(b"HTTP/1.1 200 ")
        metrics = await scrape(tmp_path / "edge.sock")
        assert metrics["limits_hit_total", "refusals"] == 4
        assert metrics["problems_total", "too_many_refusals"] == 4


async def test_one_session_does_not_take_everybodys_turns(
    tmp_path: Path, film_path: str, signer: Signer
) -> None:
    poster = film_path.replace(BIG, "poster/poster.jpg")
    other = f"/v1/{signer.issue(session_id='s-2')}/{ASSET_ID}/poster/poster.jpg"
    async with run(tmp_path, session_requests=1, cache_bytes=2_000_000) as connect:
        greedy, again, neighbour = [await connect() for _ in range(3)]
        await greedy.send(ask_for(film_path))
        assert (await greedy.receive()).startswith(b"HTTP/1.1 200 ")
        # a part, since the fast lane answers for whole files without keeping anybody's place
        await again.send(ask_for(poster, Range="bytes=0-9"))
        refusal = await again.receive()
        assert refusal.startswith(b"HTTP/1.1 429 ")
        assert b"too_many_requests" in refusal
        await neighbour.send(ask_for(other))
        assert (await neighbour.receive()).startswith(b"HTTP/1.1 200 ")
        greedy.socket.close()
        while (await scrape(tmp_path / "edge.sock"))["in_flight",]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await again.send(ask_for(poster, Range="bytes=0-9"))
        assert (await again.receive()).startswith(b"HTTP/1.1 206 ")


async def test_behind_a_proxy_one_client_does_not_take_everybodys_turns(
    tmp_path: Path, film_path: str, signer: Signer
) -> None:
    other = f"/v1/{signer.issue(session_id='s-2')}/{ASSET_ID}/poster/poster.jpg"
    settings = {"trusted_proxies": ("127.0.0.0/8",), "cache_bytes": 2_000_000}
    async with run(tmp_path, session_requests=1, **settings) as connect:
        greedy, again, neighbour = [await connect() for _ in range(3)]
        await greedy.send(ask_for(film_path, Forwarded="for=192.0.2.1"))
        assert (await greedy.receive()).startswith(b"HTTP/1.1 200 ")
        await again.send(ask_for(other, Forwarded="for=192.0.2.1"))
        assert (await again.receive()).startswith(b"HTTP/1.1 429 ")
        await neighbour.send(ask_for(other, Forwarded="for=192.0.2.2"))
        assert (await neighbour.receive()).startswith(b"HTTP/1.1 200 ")


async def test_bodies_that_do_not_fit_beside_those_on_their_way_have_to_wait(
    tmp_path: Path, film_path: str
) -> None:
    settings = {"cache_bytes": 2_000_000, "in_flight_bytes": 32 * CHUNK_BYTES}
    async with run(tmp_path, **settings) as connect:
        readers = [await connect() for _ in range(32)]
        for reader in readers:
            await reader.send(ask_for(film_path))
            assert (await reader.receive()).startswith(b"HTTP/1.1 200 ")
        late = await connect()
        await late.send(ask_for(film_path))
        refusal = await late.receive()
        assert refusal.startswith(b"HTTP/1.1 503 ")
        assert b"busy" in refusal
        await late.send(ask_for(film_path.replace(BIG, "poster/poster.jpg")))
        assert (await late.receive()).startswith(b"HTTP/1.1 200 ")
        metrics = await scrape(tmp_path / "edge.sock")
        assert metrics["in_flight_bytes",] == 32 * CHUNK_BYTES
        assert metrics["limits_hit_total", "in_flight_bytes"] == 1
        for reader in readers:
            reader.socket.close()
        while (await scrape(tmp_path / "edge.sock"))["in_flight_bytes",]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
