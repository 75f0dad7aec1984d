"""Playing on several edges at once until it is revoked: the bound that is promised."""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from edge.server import Running, open_edge
from edge.state.redis_client import open_redis
from edge.state.revocations import POLL_S
from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM, Revocation, RevocationScope
from standalone.waiting import wait_until
from tests.edge.edges import make_config
from tests.edge.films import ASSET_ID, ISSUER, VIDEO_ID, Signer
from tests.edge.inside import ask, scrape
from tests.edge.postgres_servers import OwnPostgres, make_own_postgres
from tests.edge.redis_servers import OwnRedis, serve_own_redis

EDGES = 3
BOUND_S = 2.0
NAME = "video/720/1.m4s"


@dataclass
class Cluster:
    """Edges that share nothing but what they are told."""

    redis: OwnRedis
    postgres: OwnPostgres
    client: ClientSession
    running: list[Running]
    sockets: list[Path]

    async def fetch(self, token: str) -> set[str]:
        """The different answers of all edges: `played`, or a refusal's code."""
        return {await self._fetch(running.port, token) for running in self.running}

    async def _fetch(self, port: int, token: str) -> str:
        url = f"http://127.0.0.1:{port}/v1/{token}/{ASSET_ID}/{NAME}"
        async with self.client.get(url) as answer:
            body = await answer.read()
            return "played" if answer.status == 200 else str(json.loads(body)["code"])

    async def expect(self, token: str, answers: set[str], *, within_s: float) -> None:
        async def have_it() -> bool:
            return await self.fetch(token) == answers

        await wait_until(have_it, what=f"{answers} on every edge", within_s=within_s)

    async def expect_missing(self, is_right: Callable[[set[str]], bool]) -> None:
        """Until what every edge says that it misses is right."""

        async def have_it() -> bool:
            reports = [json.loads((await ask(socket, "/readyz"))[1]) for socket in self.sockets]
            return all(is_right(set(report["missing"])) for report in reports)

        await wait_until(have_it, what="the state of every edge", within_s=10)

    async def tell(self, revocation: Revocation) -> None:
        await self.postgres.insert(revocation)
        async with open_redis(self.redis.url) as client:
            await client.xadd(REVOCATION_STREAM, {FIELD: revocation.render()})


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with make_own_postgres() as server:
        yield server


@pytest.fixture
async def cluster(
    tmp_path: Path, published: Path, signer: Signer, server: OwnPostgres
) -> AsyncIterator[Cluster]:
    await server.start()
    await server.prepare()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(serve_own_redis(tmp_path))
        client = await stack.enter_async_context(ClientSession())
        cluster = Cluster(redis, server, client, [], [])
        for number in range(EDGES):
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "jwks.json").write_bytes(signer.jwks())
            config = make_config(
                folder,
                media_store=published,
                redis_url=SecretStr(redis.url),
                database_url=SecretStr(server.edge_url),
            )
            cluster.running.append(await stack.enter_async_context(open_edge(config)))
            cluster.sockets.append(folder / "edge.sock")
        await cluster.expect_missing(lambda missing: not missing)
        yield cluster


def revoke(scope: RevocationScope, subject: str, **fields: Any) -> Revocation:
    now = time.time()
    if scope in (RevocationScope.SESSION, RevocationScope.VIEWER):
        fields["issuer"] = ISSUER
    return Revocation(
        id=str(UUID(int=1)),
        scope=scope,
        subject=subject,
        revoked_at=now,
        expires_at=int(now) + 3600,
        **fields,
    )


@pytest.mark.parametrize("scope", RevocationScope)
async def test_what_is_revoked_is_refused_on_every_edge_within_the_bound(
    cluster: Cluster, signer: Signer, scope: RevocationScope
) -> None:
    token = signer.issue(session_id="one", subject="ada")
    # twice, so that every edge knows the token and has the file
    for _ in range(2):
        assert await cluster.fetch(token) == {"played"}
    subjects = {
        RevocationScope.SESSION: "one",
        RevocationScope.VIEWER: "ada",
        RevocationScope.VIDEO: VIDEO_ID,
        RevocationScope.ASSET: ASSET_ID,
        RevocationScope.KEY: signer.key.kid,
    }
    fields = {"issued_before": int(time.time())} if scope is RevocationScope.VIEWER else {}
    await cluster.tell(revoke(scope, subjects[scope], **fields))
    await cluster.expect(token, {"revoked"}, within_s=BOUND_S)
    for socket in cluster.sockets:
        metrics = await scrape(socket)
        assert metrics["revocation_delay_seconds_count",] == 1
        assert metrics["revocation_delay_seconds_sum",] < BOUND_S


async def test_others_play_on(cluster: Cluster, signer: Signer) -> None:
    token = signer.issue(session_id="one", subject="ada")
    later = signer.issue(session_id="two", subject="ada", issued_at=int(time.time()))
    other = signer.issue(session_id="three", subject="bob")
    ended = revoke(RevocationScope.VIEWER, "ada", issued_before=int(time.time()) - 30)
    await cluster.tell(ended)
    await cluster.expect(token, {"revoked"}, within_s=BOUND_S)
    assert await cluster.fetch(later) == {"played"}
    assert await cluster.fetch(other) == {"played"}


async def test_without_redis_edges_are_degraded_play_on_and_hear_of_rows(
    cluster: Cluster, signer: Signer
) -> None:
    token = signer.issue(session_id="one")
    assert await cluster.fetch(token) == {"played"}
    cluster.redis.kill()
    await cluster.expect_missing(lambda missing: "revocation stream" in missing)
    assert await cluster.fetch(token) == {"played"}
    await cluster.postgres.insert(revoke(RevocationScope.SESSION, "one"))
    await cluster.expect(token, {"revoked"}, within_s=BOUND_S + POLL_S)


async def test_without_postgres_edges_are_degraded_play_on_and_hear_of_news(
    cluster: Cluster, signer: Signer
) -> None:
    token = signer.issue(session_id="one")
    cluster.postgres.kill()
    # then they look into PostgreSQL at once
    cluster.redis.kill()
    both = {"revocation stream", "revocation view"}
    await cluster.expect_missing(lambda missing: both <= missing)
    await cluster.redis.start()
    await cluster.expect_missing(lambda missing: missing == {"revocation view"})
    assert await cluster.fetch(token) == {"played"}
    async with open_redis(cluster.redis.url) as client:
        news = revoke(RevocationScope.SESSION, "one")
        await client.xadd(REVOCATION_STREAM, {FIELD: news.render()})
    await cluster.expect(token, {"revoked"}, within_s=BOUND_S)
