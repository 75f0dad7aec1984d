"""Leases in a real Redis: asked for at once, renewed in batches, let go by time."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from edge.gate.standing import Session, Standing
from edge.state.lease_store import LeaseStore, Mode
from edge.state.redis_client import AWAY, open_redis
from shared.events.leases import (
    SESSION_STREAM,
    EndReason,
    SessionEnded,
    name_viewer_keys,
)
from standalone.waiting import wait_until
from tests.edge.films import ISSUER, VIDEO_ID
from tests.edge.leases import let_time_pass, make_session, make_viewer

RUNNING, LIMIT = Standing.RUNNING, Standing.LIMIT


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as client:
        yield client


@pytest.fixture
def store(client: Redis) -> LeaseStore:
    return LeaseStore(client)


async def ask(store: LeaseStore, session: Session, mode: Mode = Mode.BEGIN) -> Standing:
    return (await store.ask(session, mode, now=time.time())).standing


async def test_of_ten_sessions_that_twenty_workers_begin_at_once_three_run(redis_url: str) -> None:
    viewer, names = make_viewer(), list(map(str, range(10)))
    by_session: dict[str, set[Standing]] = {name: set() for name in names}

    async def begin_all(first: int) -> None:
        async with open_redis(redis_url) as client:
            for name in (*names[first:], *names[:first]):
                session = make_session(name, viewer, max_streams=3)
                by_session[name].add(await ask(LeaseStore(client), session))

    async with asyncio.TaskGroup() as workers:
        for number in range(20):
            workers.create_task(begin_all(number % len(names)))
    assert all(len(standings) == 1 for standings in by_session.values())
    assert Counter(standings.pop() for standings in by_session.values()) == {RUNNING: 3, LIMIT: 7}


async def test_who_is_refused_learns_who_holds_the_places(store: LeaseStore) -> None:
    viewer, now = make_viewer(), time.time()
    film = make_session("film", viewer, began_at=now - 30, seen_at=now - 20)
    other = make_session("other", viewer, video_id=None)
    for session in (other, film):
        assert await ask(store, session) is RUNNING
    verdict = await store.ask(make_session("new", viewer, max_streams=2), Mode.BEGIN, now=now)
    assert [holder.session_id for holder in verdict.holders] == ["film", "other"]
    first, second = verdict.holders
    assert (first.video_id, second.video_id) == (VIDEO_ID, None)
    assert first.began_at == pytest.approx(now - 30, abs=2)
    assert first.seen_at == pytest.approx(now - 20, abs=2)


async def test_viewers_of_two_issuers_do_not_count_for_each_other(store: LeaseStore) -> None:
    viewer = make_viewer()
    for issuer in (ISSUER, "https://other.example"):
        session = make_session("s", viewer, max_streams=1, issuer=issuer)
        assert await ask(store, session) is RUNNING


async def test_a_lease_lives_on_from_its_last_renewal(store: LeaseStore, client: Redis) -> None:
    viewer, now = make_viewer(), time.time()
    holder = make_session("holder", viewer, seen_at=now - 60)
    assert await ask(store, holder) is RUNNING
    leases = name_viewer_keys(ISSUER, viewer).leases
    ended_ms = await client.zscore(leases, "holder") or 0.0
    holder.seen_at = now
    await store.renew([holder], now=now)
    ends_ms = await client.zscore(leases, "holder") or 0.0
    assert ends_ms - ended_ms == pytest.approx(60_000, abs=5_000)
    assert await ask(store, make_session("waiting", viewer, max_streams=1)) is LIMIT


async def test_a_lease_that_nobody_renews_frees_its_place(client: Redis) -> None:
    viewer, store = make_viewer(), LeaseStore(client, lease_s=0.2)
    waiting = make_session("waiting", viewer, max_streams=1)
    assert await ask(store, make_session("holder", viewer, max_streams=1)) is RUNNING

    async def begins() -> bool:
        return await ask(store, waiting) is RUNNING

    await wait_until(begins, what="the lease to end", within_s=5)


async def test_an_older_request_does_not_shorten_a_lease(store: LeaseStore, client: Redis) -> None:
    viewer, now = make_viewer(), time.time()
    await ask(store, make_session("s", viewer))
    leases = name_viewer_keys(ISSUER, viewer).leases
    ends = await client.zscore(leases, "s")
    await store.renew([make_session("s", viewer, seen_at=now - 60)], now=now)
    assert await client.zscore(leases, "s") == ends


async def test_nothing_outlives_what_it_is_kept_for(store: LeaseStore, client: Redis) -> None:
    viewer = make_viewer()
    for name in ("displaced", "second"):
        session = make_session(name, viewer, max_streams=1)
        assert await ask(store, session, Mode.TAKE_OVER) is RUNNING
    keys = name_viewer_keys(ISSUER, viewer)
    lives = [await client.ttl(key) for key in keys]
    assert lives == [pytest.approx(ttl, abs=5) for ttl in (90, 90, 3600, 3600)]


async def test_a_renewed_token_does_not_outlive_a_displacement(
    store: LeaseStore, client: Redis
) -> None:
    viewer = make_viewer()
    await ask(store, make_session("first", viewer))
    await ask(store, make_session("second", viewer, max_streams=1), Mode.TAKE_OVER)
    renewed = make_session("first", viewer, expires_at=int(time.time()) + 7200)
    assert await ask(store, renewed) is Standing.DISPLACED
    await let_time_pass(client, viewer, seconds=5400)
    assert await ask(store, renewed) is Standing.DISPLACED


async def test_a_token_that_has_ended_takes_no_place(store: LeaseStore, client: Redis) -> None:
    viewer = make_viewer()
    ended = make_session("s", viewer, expires_at=int(time.time()) - 1)
    assert await ask(store, ended) is Standing.UNKNOWN
    assert not await client.exists(*name_viewer_keys(ISSUER, viewer))


async def test_a_clock_that_was_set_back_makes_no_lease_of_the_future(
    store: LeaseStore, client: Redis
) -> None:
    viewer, now = make_viewer(), time.time()
    session = make_session("s", viewer, began_at=now + 86400, seen_at=now + 86400)
    assert await ask(store, session) is RUNNING
    ends = await client.zscore(name_viewer_keys(ISSUER, viewer).leases, "s")
    assert ends is not None
    assert ends / 1000 < now + 95


async def test_a_lease_that_a_full_redis_dropped_half_still_counts(
    store: LeaseStore, client: Redis
) -> None:
    viewer = make_viewer()
    await ask(store, make_session("s", viewer))
    await client.delete(name_viewer_keys(ISSUER, viewer).playing)
    verdict = await store.ask(make_session("t", viewer, max_streams=1), Mode.BEGIN, now=0)
    assert (verdict.standing, verdict.holders[0].began_at) == (LIMIT, 0)


async def test_one_viewers_spoiled_keys_are_no_matter_to_the_others(
    store: LeaseStore, client: Redis
) -> None:
    spoiled, well = (make_session("s", make_viewer()) for _ in range(2))
    await client.set(name_viewer_keys(ISSUER, spoiled.subject).leases, "?", ex=60)
    first, second = await store.renew([spoiled, well], now=time.time())
    assert first is None
    assert second is not None
    assert second.standing is RUNNING
    with pytest.raises(AWAY):
        await ask(store, spoiled)


async def test_a_redis_that_forgot_the_script_is_told_again(
    store: LeaseStore, client: Redis
) -> None:
    session = make_session("s", make_viewer())
    await client.script_flush()
    assert [verdict and verdict.standing for verdict in await store.renew([session], now=0)] == [
        RUNNING
    ]
    await client.script_flush()
    assert await ask(store, session) is RUNNING


async def test_news_reach_whoever_reads(store: LeaseStore, client: Redis) -> None:
    newest: Any = await client.xrevrange(SESSION_STREAM, count=1)
    last = newest[0][0].decode() if newest else "0"
    news = [
        SessionEnded(
            issuer=ISSUER, session_id=name, reason=EndReason.DISPLACED, at=1.0, expires_at=2
        )
        for name in ("a", "b")
    ]
    await store.tell(news)
    found = await store.read_news(last)
    assert [SessionEnded.parse(text) for _, text in found] == news


async def test_without_news_a_reader_waits_and_comes_back_with_nothing(
    store: LeaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.state.lease_store.READ_BLOCK_MS", 10)
    assert await store.read_news("$") == []
