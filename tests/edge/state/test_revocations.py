"""The feed of revocations with a real Redis and PostgreSQL: well, frozen, killed and restored."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from edge.gate.denials import Denials
from edge.state import redis_client, revocations
from edge.state.redis_client import open_redis
from edge.state.revocation_stream import RevocationStream
from edge.state.revocation_view import RevocationView
from edge.state.revocations import Revocations
from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM, Revocation, RevocationScope
from standalone.waiting import wait_until
from tests.edge.edges import POSTGRES_NOWHERE, REDIS_NOWHERE
from tests.edge.postgres_servers import OwnPostgres, make_own_postgres
from tests.edge.redis_servers import OwnRedis, serve_own_redis

BOUND_S = 2.0
"""Within which a revocation is in force everywhere while Redis is there."""

WITHOUT_REDIS_S = BOUND_S + revocations.POLL_S


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with make_own_postgres() as server:
        yield server


@pytest.fixture
async def postgres(server: OwnPostgres) -> OwnPostgres:
    await server.start()
    await server.prepare()
    return server


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with serve_own_redis(tmp_path) as server:
        yield server


@asynccontextmanager
async def run_beside(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=5)
        assert all(task.cancelled() for task in tasks), tasks


@asynccontextmanager
async def run_feed(*, redis_url: str, postgres_url: str) -> AsyncIterator[Revocations]:
    async with open_redis(redis_url) as client:
        stream, view = RevocationStream(client), RevocationView(postgres_url)
        feed = Revocations(Denials(), stream=stream, view=view)
        async with run_beside(feed.keep_listening(), feed.keep_in_step()):
            yield feed


@dataclass
class World:
    """Servers, and feeds that have come up."""

    redis: OwnRedis
    postgres: OwnPostgres
    client: Redis
    feeds: list[Revocations] = field(default_factory=list)

    @property
    def feed(self) -> Revocations:
        return self.feeds[0]

    async def tell(self, *revocations: Revocation) -> None:
        """As the control plane does: a row first, then an entry."""
        await self.postgres.insert(*revocations)
        await self.add(*revocations)

    async def lift(self, revocation: Revocation) -> None:
        await self.postgres.delete(revocation)
        await self.add(revocation.model_copy(update={"lifted": True}))

    async def add(self, *records: Revocation | str) -> None:
        for record in records:
            text = record if isinstance(record, str) else record.render()
            await self.client.xadd(REVOCATION_STREAM, {FIELD: text})

    async def expect(self, revocation: Revocation, *, within_s: float, held: bool = True) -> None:
        """Every feed holds it by then, or does not any more."""
        await expect(
            lambda: all(feed.denials.holds(revocation) is held for feed in self.feeds),
            within_s=within_s,
        )


async def expect(check: Callable[[], bool], *, within_s: float = 10.0) -> None:
    async def ask() -> bool:
        return check()

    await wait_until(ask, what="the feed", within_s=within_s)


def is_in_step(feed: Revocations) -> bool:
    return feed.redis.is_up and feed.postgres.is_up


@asynccontextmanager
async def open_world(redis: OwnRedis, postgres: OwnPostgres, feeds: int) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_redis(redis.url))
        world = World(redis, postgres, client)
        for _ in range(feeds):
            feed = run_feed(redis_url=redis.url, postgres_url=postgres.edge_url)
            world.feeds.append(await stack.enter_async_context(feed))
        await expect(lambda: all(is_in_step(feed) for feed in world.feeds))
        yield world


@pytest.fixture
async def world(redis: OwnRedis, postgres: OwnPostgres) -> AsyncIterator[World]:
    async with open_world(redis, postgres, feeds=1) as world:
        yield world


@pytest.fixture
async def several(redis: OwnRedis, postgres: OwnPostgres) -> AsyncIterator[World]:
    async with open_world(redis, postgres, feeds=5) as world:
        yield world


def revoke(number: int = 1, **fields: Any) -> Revocation:
    now = time.time()
    defaults: dict[str, Any] = {
        "id": str(UUID(int=number)),
        "scope": RevocationScope.SESSION,
        "subject": f"session {number}",
        "issuer": "https://sluice.example",
        "revoked_at": now,
        "expires_at": int(now) + 3600,
    }
    return Revocation(**{**defaults, **fields})


async def test_what_was_revoked_before_the_start_is_denied(
    redis: OwnRedis, postgres: OwnPostgres
) -> None:
    rows = [revoke(number) for number in range(1000)]
    await postgres.insert(*rows)
    async with open_world(redis, postgres, feeds=1) as world:
        assert all(world.feed.denials.holds(row) for row in rows)
        assert world.feed.complete_at is not None
        assert sum(world.feed.delay.counts) == 0


async def test_news_are_in_force_everywhere_within_the_bound(several: World) -> None:
    news = revoke()
    await several.tell(news)
    await several.expect(news, within_s=BOUND_S)
    for feed in several.feeds:
        assert sum(feed.delay.counts) == 1
        assert 0 <= feed.delay.sum < BOUND_S


async def test_what_is_lifted_opens_again_within_the_bound(several: World) -> None:
    news = revoke()
    await several.tell(news)
    await several.expect(news, within_s=BOUND_S)
    await several.lift(news)
    await several.expect(news, within_s=BOUND_S, held=False)
    assert sum(several.feed.delay.counts) == 1


async def test_a_record_that_is_told_twice_took_one_delay(world: World) -> None:
    news, last = revoke(1), revoke(2)
    await world.tell(news, last)
    await world.add(news, last)
    await world.expect(last, within_s=BOUND_S)
    assert sum(world.feed.delay.counts) == 2


async def test_without_redis_rows_are_in_force_everywhere_within_the_bound(several: World) -> None:
    several.redis.kill()
    await expect(lambda: not any(feed.redis.is_up for feed in several.feeds))
    for number in range(3):
        row = revoke(number)
        await several.postgres.insert(row)
        await several.expect(row, within_s=WITHOUT_REDIS_S)
    for feed in several.feeds:
        assert sum(feed.delay.counts) == 3
        assert feed.delay.sum < 3 * WITHOUT_REDIS_S


async def test_a_redis_that_says_nothing_holds_nothing_up(world: World) -> None:
    world.redis.freeze()
    row = revoke()
    await world.postgres.insert(row)
    await world.expect(row, within_s=WITHOUT_REDIS_S + redis_client.ANSWER_S)
    world.redis.thaw()
    await expect(lambda: world.feed.redis.is_up)


async def test_what_was_missed_while_redis_was_away_is_made_up_for(several: World) -> None:
    several.redis.kill()
    await expect(lambda: not any(feed.redis.is_up for feed in several.feeds))
    lifted, row = revoke(1), revoke(2)
    await several.postgres.insert(lifted, row)
    await several.expect(lifted, within_s=WITHOUT_REDIS_S)
    await several.postgres.delete(lifted)
    await several.redis.start()
    await several.expect(lifted, within_s=10, held=False)
    assert all(feed.denials.holds(row) for feed in several.feeds)
    news = revoke(3)
    await expect(lambda: all(feed.redis.is_up for feed in several.feeds))
    await several.tell(news)
    await several.expect(news, within_s=BOUND_S)


async def test_a_stream_that_lost_entries_unread_is_made_up_for(world: World) -> None:
    first, row, lost = (revoke(number) for number in range(3))
    await world.tell(first)
    await world.expect(first, within_s=BOUND_S)
    await world.postgres.insert(row, lost)
    async with world.client.pipeline(transaction=True) as pipe:
        pipe.xadd(REVOCATION_STREAM, {FIELD: lost.render()})
        pipe.xadd(REVOCATION_STREAM, {FIELD: row.render()})
        pipe.xtrim(REVOCATION_STREAM, maxlen=1, approximate=False)
        await pipe.execute()
    await world.expect(lost, within_s=BOUND_S)


@pytest.mark.parametrize("after", [0, 1], ids=["never used", "used before"])
async def test_an_emptied_redis_is_made_up_for(world: World, after: int) -> None:
    for number in range(after):
        await world.tell(revoke(10 + number))
        await expect(lambda: sum(world.feed.denials.count().values()) > 0)
    lost, news = revoke(1), revoke(2)
    await world.postgres.insert(lost)
    await world.client.flushall()
    await world.tell(news)
    await world.expect(lost, within_s=BOUND_S)
    newest = revoke(3)
    await world.tell(newest)
    await world.expect(newest, within_s=BOUND_S)


async def test_the_whole_is_read_again_from_time_to_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifted, row = revoke(1), revoke(2)
    await world.tell(lifted)
    await world.expect(lifted, within_s=BOUND_S)
    monkeypatch.setattr(revocations, "RECONCILE_S", 0.01)
    world.feed._doubtful.set()
    await world.postgres.delete(lifted)
    await world.expect(lifted, within_s=5, held=False)
    await world.postgres.insert(row)
    await world.expect(row, within_s=5)
    assert world.feed.redis.is_up


async def test_news_come_while_postgres_is_away(several: World) -> None:
    held, news = revoke(1), revoke(2)
    await several.tell(held)
    await several.expect(held, within_s=BOUND_S)
    several.postgres.kill()
    for feed in several.feeds:
        feed._doubtful.set()
    await expect(lambda: not any(feed.postgres.is_up for feed in several.feeds))
    await several.add(news)
    await several.expect(news, within_s=BOUND_S)
    assert all(feed.denials.holds(held) for feed in several.feeds)
    await several.postgres.start()
    await expect(lambda: all(feed.postgres.is_up for feed in several.feeds))


async def test_news_come_while_postgres_says_nothing(world: World) -> None:
    world.postgres.freeze()
    try:
        world.feed._doubtful.set()
        news = revoke()
        await world.add(news)
        await world.expect(news, within_s=BOUND_S)
        await expect(lambda: not world.feed.postgres.is_up)
        newer = revoke(2)
        await world.add(newer)
        await world.expect(newer, within_s=BOUND_S)
    finally:
        world.postgres.thaw()
    await expect(lambda: world.feed.postgres.is_up)


async def test_a_feed_that_finds_nobody_catches_up_when_they_come(
    server: OwnPostgres, redis: OwnRedis
) -> None:
    await server.start()
    await server.prepare()
    row = revoke()
    await server.insert(row)
    server.kill()
    redis.kill()
    async with run_feed(redis_url=redis.url, postgres_url=server.edge_url) as feed:
        await expect(lambda: _has_failed(feed))
        assert feed.complete_at is None
        await server.start()
        await expect(lambda: feed.denials.holds(row))
        await redis.start()
        await expect(lambda: is_in_step(feed))


def _has_failed(feed: Revocations) -> bool:
    return feed.redis._failures > 0 and feed.postgres._failures > 0


async def test_what_is_known_stays_in_force_while_both_are_away(world: World) -> None:
    held = revoke()
    await world.tell(held)
    await world.expect(held, within_s=BOUND_S)
    world.redis.kill()
    world.postgres.kill()
    await expect(lambda: not world.feed.redis.is_up and not world.feed.postgres.is_up)
    assert world.feed.denials.holds(held)


async def test_a_bad_record_is_counted_and_passed_over(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    news = revoke()
    await world.add("", "{}", "[" * 10_000, '{"scope": "everything"}')
    await world.tell(news)
    await world.expect(news, within_s=BOUND_S)
    assert world.feed.invalid == 4
    assert "passed over" in caplog.text
    assert is_in_step(world.feed)


async def test_a_bad_row_is_counted_and_passed_over(world: World) -> None:
    row = revoke()
    await world.postgres.insert_raw({"id": "no id", "scope": "everything"})
    await world.postgres.insert(row)
    world.feed._doubtful.set()
    await world.expect(row, within_s=5)
    assert world.feed.invalid == 1


async def test_a_view_of_nothing_readable_lifts_nothing(world: World) -> None:
    held = revoke()
    await world.tell(held)
    await world.expect(held, within_s=BOUND_S)
    await world.postgres.delete(held)
    await world.postgres.insert_raw({"id": "no id", "scope": "everything"})
    world.feed._doubtful.set()
    await expect(lambda: not world.feed.postgres.is_up)
    assert world.feed.denials.holds(held)


async def test_what_expired_is_forgotten_without_postgres_too(
    redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "PURGE_S", 0)
    expired = revoke(1, expires_at=int(time.time()) - 1)
    news = revoke(2)
    async with (
        run_feed(redis_url=redis.url, postgres_url=POSTGRES_NOWHERE) as feed,
        open_redis(redis.url) as client,
    ):
        await expect(lambda: feed.redis.is_up)
        for record in (expired, news):
            await client.xadd(REVOCATION_STREAM, {FIELD: record.render()})
        await expect(lambda: feed.denials.holds(news) and not feed.denials.holds(expired))


async def test_a_feed_stops_while_it_waits_for_servers_that_are_away() -> None:
    async with run_feed(redis_url=REDIS_NOWHERE, postgres_url=POSTGRES_NOWHERE) as feed:
        await expect(lambda: _has_failed(feed))
