"""Viewers of every sort at a modest rate, for as long as they are let: the load of a soak run."""

import asyncio
import random
import secrets
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientSession, DummyCookieJar, TCPConnector
from redis.asyncio import Redis

from shared.events.record import FIELD
from shared.events.revocations import (
    REVOCATION_STREAM,
    REVOCATION_STREAM_LENGTH,
    Revocation,
    RevocationScope,
)
from tests.edge.films import ASSET_ID, ISSUER, Film, Signer
from tests.load.connections import TINY_BYTES
from tests.load.viewers import issue_tokens

SMALL: Final = tuple(f"video/720/small_{number}.m4s" for number in range(200))
LARGE: Final = tuple(f"video/720/large_{number}.m4s" for number in range(8))
SIZES: Final[Mapping[str, int]] = {
    **dict.fromkeys(SMALL, 100_000),
    **dict.fromkeys(LARGE, 3_000_000),
}

REVOKED_WITHIN_S: Final = 2.0
_TOKENS: Final = 300
_KEPT: Final = 20
_HOLD_S: Final = 4.0
"""How long a connection is held whose reader stalls: shorter than it is borne, or much longer."""


class SoakLoad:
    """`surprises` counts what no viewer should have seen, `done` what each sort of them did."""

    def __init__(self, port: int, film: Film, signer: Signer, redis: Redis) -> None:
        self.surprises: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self._port = port
        self._film = film
        self._signer = signer
        self._redis = redis
        self._chance = random.Random(1)  # noqa: S311  (whose turn it is, not secrets)
        self._tokens = issue_tokens(signer, _TOKENS)
        self._number = _TOKENS

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All of them, until the block is left."""
        async with self._open_client() as client:
            deeds: Mapping[Callable[[ClientSession], Awaitable[None]], float] = {
                self.get: 40,
                self.get_part: 10,
                self.revalidate: 10,
                self.head: 5,
                self.bring_new_token: 110,
                self.bring_bad_token: 8,
                self.leave_early: 2,
                self.connect_anew: 5,
                self.play_twice: 1,
                self.be_revoked: 0.2,
                self.stall: 1,
            }
            tasks = [
                asyncio.create_task(self._repeat(deed, client, per_s))
                for deed, per_s in deeds.items()
            ]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                for ended in await asyncio.gather(*tasks, return_exceptions=True):
                    if not isinstance(ended, asyncio.CancelledError):
                        self.surprises[f"a client ended: {ended!r}"] += 1

    async def _repeat(
        self, deed: Callable[[ClientSession], Awaitable[None]], client: ClientSession, per_s: float
    ) -> None:
        """At random times, as strangers come."""
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(self._chance.expovariate(per_s))
                group.create_task(self._do(deed, client))

    async def _do(
        self, deed: Callable[[ClientSession], Awaitable[None]], client: ClientSession
    ) -> None:
        try:
            await deed(client)
        except (ClientError, OSError, TimeoutError) as error:
            self.surprises[f"{deed.__name__}: {error!r}"] += 1
        self.done[deed.__name__] += 1

    def _open_client(self, **options: Any) -> ClientSession:
        return ClientSession(
            f"http://127.0.0.1:{self._port}",
            connector=TCPConnector(limit=0, limit_per_host=_KEPT, **options),
            cookie_jar=DummyCookieJar(),
        )

    def _choose(self) -> tuple[str, bytes]:
        name = self._chance.choice(SMALL)
        return _path(self._chance.choice(self._tokens), name), self._film.contents[name]

    def _issue(self, **claims: Any) -> str:
        self._number += 1
        names = {"subject": f"viewer-{self._number}", "session_id": f"session-{self._number}"}
        return self._signer.issue(**{**names, **claims})

    def _expect(self, what: str, answer: ClientResponse, status: int) -> None:
        if answer.status != status:
            self.surprises[f"{what}: {answer.status} instead of {status}"] += 1

    async def get(self, client: ClientSession) -> None:
        path, content = self._choose()
        async with client.get(path) as answer:
            self._expect("get", answer, 200)
            if await answer.read() != content:
                self.surprises["get: other bytes"] += 1

    async def get_part(self, client: ClientSession) -> None:
        path, content = self._choose()
        start = self._chance.randrange(len(content) - 1000)
        fields = {"Range": f"bytes={start}-{start + 999}"}
        async with client.get(path, headers=fields) as answer:
            self._expect("get_part", answer, 206)
            if await answer.read() != content[start : start + 1000]:
                self.surprises["get_part: other bytes"] += 1

    async def revalidate(self, client: ClientSession) -> None:
        path, _ = self._choose()
        async with client.head(path) as answer:
            fields = {"If-None-Match": answer.headers["ETag"]}
        async with client.get(path, headers=fields) as answer:
            self._expect("revalidate", answer, 304)

    async def head(self, client: ClientSession) -> None:
        async with client.head(self._choose()[0]) as answer:
            self._expect("head", answer, 200)

    async def bring_new_token(self, client: ClientSession) -> None:
        async with client.get(_path(self._issue(), SMALL[0])) as answer:
            self._expect("bring_new_token", answer, 200)
            await answer.read()

    async def bring_bad_token(self, client: ClientSession) -> None:
        token = self._chance.choice(self._tokens)
        async with client.get(_path(token[:-8] + secrets.token_hex(4), SMALL[0])) as answer:
            self._expect("bring_bad_token", answer, 403)

    async def connect_anew(self, _client: ClientSession) -> None:
        async with self._open_client(force_close=True) as client:
            await self.get(client)

    async def leave_early(self, _client: ClientSession) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=65536)
        writer.write(_ask_for(self._choose_large()))
        await reader.readexactly(100_000)
        writer.transport.abort()

    async def stall(self, _client: ClientSession) -> None:
        """Read nothing: every other time until the edge does not bear it any longer."""
        loop = asyncio.get_running_loop()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TINY_BYTES)
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", self._port))
            await loop.sock_sendall(client, _ask_for(self._choose_large()))
            await asyncio.sleep(_HOLD_S * self._chance.choice((0.5, 3)))

    async def play_twice(self, client: ClientSession) -> None:
        """Two sessions of a viewer who may have one."""
        viewer = secrets.token_hex(8)
        for number, status in enumerate((200, 403)):
            token = self._issue(subject=viewer, session_id=f"{viewer}-{number}", max_streams=1)
            async with client.get(_path(token, SMALL[1])) as answer:
                self._expect("play_twice", answer, status)
                await answer.read()

    async def be_revoked(self, client: ClientSession) -> None:
        session_id = secrets.token_hex(8)
        path = _path(self._issue(session_id=session_id), SMALL[2])
        async with client.get(path) as answer:
            self._expect("be_revoked", answer, 200)
            await answer.read()
        record = _revoke(session_id).render()
        await self._redis.xadd(REVOCATION_STREAM, {FIELD: record}, maxlen=REVOCATION_STREAM_LENGTH)
        await asyncio.sleep(REVOKED_WITHIN_S)
        for _ in range(4):  # on a connection each, so that both workers are asked
            async with self._open_client(force_close=True) as other, other.get(path) as answer:
                self._expect("be_revoked", answer, 403)

    def _choose_large(self) -> str:
        return _path(self._chance.choice(self._tokens), self._chance.choice(LARGE))


def _path(token: str, name: str) -> str:
    return f"/v1/{token}/{ASSET_ID}/{name}"


def _ask_for(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()


def _revoke(session_id: str) -> Revocation:
    now = time.time()
    number = secrets.token_hex(6)
    return Revocation(
        id=f"0198c0de-0000-7000-8000-{number}",
        scope=RevocationScope.SESSION,
        subject=session_id,
        issuer=ISSUER,
        revoked_at=now,
        expires_at=int(now) + 120,
    )
