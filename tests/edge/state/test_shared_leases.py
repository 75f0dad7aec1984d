"""Two edges that share a Redis, and do without it when it is gone."""

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar
from pydantic import SecretStr

from edge.routes import TAKE_OVER_PATH
from edge.server import open_edge
from edge.state.sessions import DEADLINE_S
from shared.runtime.store.local import LocalStore
from standalone.waiting import wait_until
from tests.edge.conftest import FILM
from tests.edge.edges import KeyServer, World, make_config
from tests.edge.films import Signer
from tests.edge.inside import ask
from tests.edge.redis_servers import OwnRedis, serve_own_redis

SEGMENT = "video/720/1.m4s"
BOUND_S = 2.0
"""What is promised: so soon a displaced session is refused by every edge."""


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    (tmp_path / "own").mkdir()
    async with serve_own_redis(tmp_path / "own") as server:
        yield server


@pytest.fixture
async def edges(
    tmp_path: Path, published: Path, signer: Signer, own_redis: OwnRedis
) -> AsyncIterator[tuple[World, World]]:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        worlds = []
        for name in ("one", "two"):
            folder = tmp_path / name
            shutil.copytree(published, folder / "media", copy_function=os.link)
            config = make_config(folder, redis_url=SecretStr(own_redis.url))
            config.keys_file.write_bytes(signer.jwks())
            running = await stack.enter_async_context(open_edge(config))
            store = LocalStore(folder / "media")
            keys = KeyServer(signer.jwks())
            worlds.append(World(running, folder / "edge.sock", client, keys, store, FILM, signer))
        one, two = worlds
        yield one, two


async def play(world: World, session_id: str) -> str:
    """How a viewer who may have one stream fares: `ok`, or why not."""
    token = world.signer.issue(session_id=session_id, max_streams=1)
    answer = await world.fetch(SEGMENT, token=token)
    return "ok" if answer.status == 200 else answer.code


async def take_over(world: World, session_id: str) -> int:
    token = world.signer.issue(session_id=session_id, max_streams=1)
    fields = {"Authorization": f"Bearer {token}"}
    return (await world.get(TAKE_OVER_PATH, method="POST", headers=fields)).status


async def is_degraded(world: World) -> bool:
    status, text = await ask(world.internal, "/readyz")
    return status == 200 and "leases" in json.loads(text)["missing"]


async def test_the_limit_counts_what_other_edges_serve(edges: tuple[World, World]) -> None:
    one, two = edges
    assert await play(one, "first") == "ok"
    assert await play(two, "second") == "stream_limit"
    assert await play(two, "first") == "ok"


async def test_a_session_displaced_at_one_edge_is_refused_by_the_other_in_time(
    edges: tuple[World, World],
) -> None:
    one, two = edges
    assert await play(one, "first") == "ok"
    assert await take_over(two, "second") == 204
    assert await play(two, "second") == "ok"

    async def is_refused() -> bool:
        return await play(one, "first") == "stream_limit"

    await wait_until(is_refused, what="the other edge to refuse", within_s=BOUND_S)


async def test_playback_goes_on_without_redis_and_is_counted_again_when_it_is_back(
    edges: tuple[World, World], own_redis: OwnRedis
) -> None:
    one, two = edges
    assert await play(one, "first") == "ok"
    own_redis.kill()

    async def misses_redis() -> bool:
        return await is_degraded(one)

    await wait_until(misses_redis, what="the edge to miss Redis", within_s=10)
    assert await play(one, "first") == "ok"
    assert await play(one, "late") == "ok"
    assert await play(two, "second") == "ok"
    await own_redis.start()

    async def is_decided() -> bool:
        fates = await play(one, "first"), await play(one, "late")
        return fates == ("ok", "stream_limit") and await play(two, "second") == "stream_limit"

    await wait_until(is_decided, what="only who ran before to be left", within_s=30)

    async def has_redis() -> bool:
        return not await is_degraded(one)

    await wait_until(has_redis, what="the edge to find Redis", within_s=10)


async def test_a_frozen_redis_keeps_nobody_from_playing(
    edges: tuple[World, World], own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.state.sessions.DEADLINE_S", DEADLINE_S)
    one, _ = edges
    assert await play(one, "first") == "ok"
    own_redis.freeze()
    assert await play(one, "first") == "ok"
    assert await play(one, "second") == "ok"
    own_redis.thaw()
