"""Sessions with their leases in a Redis that is well, slow, gone or back again."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from edge.gate.standing import Session, Standing
from edge.state.lease_store import LeaseStore
from edge.state.redis_client import open_redis
from edge.state.session_table import SessionTable
from edge.state.sessions import DEADLINE_S, RETRY_S, ROUND_S, Sessions
from shared.events.leases import LEASE_S, SESSION_STREAM, name_viewer_keys
from shared.events.record import FIELD
from standalone.waiting import wait_until
from tests.edge.films import ASSET_ID, ISSUER, OTHER_ASSET_ID, make_signer
from tests.edge.leases import let_time_pass, make_viewer
from tests.edge.redis_servers import OwnRedis, serve_own_redis, serve_silence

SIGNER = make_signer()
NOWHERE = "redis://127.0.0.1:9/0"
RUNNING, LIMIT, LATE = Standing.RUNNING, Standing.LIMIT, Standing.LATE
DISPLACED, WINDOW_CLOSED, UNKNOWN = (
    Standing.DISPLACED,
    Standing.WINDOW_CLOSED,
    Standing.UNKNOWN,
)


class Worker:
    """The sessions of one process; the test may set its clock ahead."""

    def __init__(self, client: Redis) -> None:
        self.ahead_s = 0.0
        self.sessions = Sessions(SessionTable(), LeaseStore(client), clock=self.tell_time)

    def tell_time(self) -> float:
        return time.time() + self.ahead_s

    def meet(self, session_id: str, viewer: str, **claims: Any) -> Session:
        return self.sessions.recall(SIGNER.claims(session_id=session_id, subject=viewer, **claims))

    async def begin(self, session: Session, *, plays: bool = True) -> Standing:
        await self.sessions.begin(session, asset_id=ASSET_ID, now=self.tell_time(), plays=plays)
        return session.standing

    async def play(self, session_id: str, viewer: str, **claims: Any) -> Session:
        """A session that was met and asked about, as the gate would."""
        session = self.meet(session_id, viewer, **claims)
        await self.begin(session)
        return session

    async def hear(self, session: Session, standing: Standing) -> None:
        """Read news until the session stands so."""

        async def stands() -> bool:
            await self.sessions.read_news()
            return session.standing is standing

        await wait_until(stands, what=f"news of {session.session_id}", within_s=10)


@pytest.fixture
async def client(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    """For readers that do not wait, and find no news of other tests' sessions."""
    monkeypatch.setattr("edge.state.lease_store.READ_BLOCK_MS", 10)
    async with open_redis(redis_url) as client:
        await client.delete(SESSION_STREAM)
        yield client


@pytest.fixture
def worker(client: Redis) -> Worker:
    return Worker(client)


@pytest.fixture
def other(client: Redis) -> Worker:
    return Worker(client)


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with serve_own_redis(tmp_path) as server:
        yield server


async def test_a_session_begins_and_is_not_asked_about_again(worker: Worker) -> None:
    session = await worker.play("s", make_viewer(), max_streams=1)
    assert session.standing is RUNNING
    assert worker.sessions.counts["asked"] == 1
    assert worker.meet("s", session.subject, max_streams=1) is session


async def test_those_who_wait_for_one_session_share_a_question(worker: Worker) -> None:
    session = worker.meet("s", make_viewer(), max_streams=1)
    await asyncio.gather(*(worker.begin(session) for _ in range(20)))
    assert session.standing is RUNNING
    assert worker.sessions.counts["asked"] == 1


async def test_one_stream_too_many_is_refused_with_who_has_the_places(worker: Worker) -> None:
    viewer = make_viewer()
    await worker.play("first", viewer, max_streams=1)
    second = await worker.play("second", viewer, max_streams=1)
    assert second.standing is LIMIT
    assert [holder.session_id for holder in second.holders] == ["first"]
    assert worker.sessions.counts["limit"] == 1


async def test_a_clock_that_is_set_back_keeps_no_lease_from_renewal_and_no_silent_one_alive(
    worker: Worker, client: Redis
) -> None:
    worker.ahead_s = 3600
    viewer, far = make_viewer(), int(time.time()) + 3 * 3600
    first = await worker.play("first", viewer, max_streams=1, expires_at=far)
    second = await worker.play("second", viewer, max_streams=1, expires_at=far)
    await worker.sessions.renew_all()
    worker.ahead_s = 0
    worker.sessions.heed_clock_set_back()
    first.seen_at = worker.tell_time()
    await let_time_pass(client, viewer, seconds=LEASE_S // 2)
    await worker.sessions.renew_all()
    ends = await client.zscore(name_viewer_keys(ISSUER, viewer).leases, "first")
    assert ends is not None
    assert ends / 1000 > time.time() + LEASE_S - 5
    worker.ahead_s = RETRY_S + 1
    worker.sessions.reopen()
    assert second.standing is UNKNOWN
    worker.ahead_s = LEASE_S
    await worker.sessions.renew_all()
    assert not list(worker.sessions.table)


async def test_who_was_refused_may_ask_again_and_gets_a_place_that_came_free(
    worker: Worker, client: Redis
) -> None:
    viewer = make_viewer()
    await worker.play("first", viewer, max_streams=1)
    second = await worker.play("second", viewer, max_streams=1)
    worker.sessions.reopen()
    assert second.standing is LIMIT
    await let_time_pass(client, viewer, seconds=LEASE_S)
    worker.ahead_s = RETRY_S + 1
    worker.sessions.reopen()
    assert (second.standing, second.holders) == (UNKNOWN, ())
    assert await worker.begin(second) is RUNNING


async def test_who_was_refused_gets_no_place_without_asking(worker: Worker, client: Redis) -> None:
    viewer = make_viewer()
    await worker.play("first", viewer, max_streams=1)
    second = await worker.play("second", viewer, max_streams=1)
    await let_time_pass(client, viewer, seconds=LEASE_S)
    worker.ahead_s = RETRY_S + 1
    worker.sessions.reopen()
    await worker.sessions.renew_all()
    assert second.standing is UNKNOWN
    assert await client.zscore(name_viewer_keys(ISSUER, viewer).leases, "second") is None


async def test_a_session_that_was_late_to_start_is_refused(worker: Worker) -> None:
    now = int(time.time())
    assert (await worker.play("late", make_viewer(), start_by=now - 1)).standing is WINDOW_CLOSED
    assert (await worker.play("early", make_viewer(), start_by=now + 600)).standing is RUNNING


async def test_a_session_that_has_begun_goes_on_at_a_worker_that_never_met_it(
    worker: Worker, other: Worker, client: Redis
) -> None:
    viewer, now = make_viewer(), int(time.time())
    await worker.play("s", viewer, start_by=now + 600)
    await let_time_pass(client, viewer, seconds=LEASE_S)
    assert (await other.play("s", viewer, start_by=now - 10)).standing is RUNNING


async def test_a_poster_begins_nothing(worker: Worker, client: Redis) -> None:
    viewer = make_viewer()
    session = worker.meet("s", viewer, start_by=int(time.time()) - 1)
    assert await worker.begin(session, plays=False) is WINDOW_CLOSED
    earlier = worker.meet("t", viewer, start_by=int(time.time()) + 600)
    assert await worker.begin(earlier, plays=False) is UNKNOWN
    await worker.sessions.renew_all()
    assert not await client.exists(*name_viewer_keys(ISSUER, viewer))


async def test_a_session_without_limits_takes_a_lease_in_the_next_round(
    worker: Worker, client: Redis
) -> None:
    viewer = make_viewer()
    session, idle = worker.meet("s", viewer), worker.meet("t", viewer)
    session.seen_at = worker.tell_time()
    await worker.sessions.renew_all()
    assert (session.standing, idle.standing) == (RUNNING, UNKNOWN)
    assert await client.zrange(name_viewer_keys(ISSUER, viewer).leases, 0, -1) == [b"s"]
    assert worker.sessions.counts["asked"] == 0


async def test_more_sessions_than_a_batch_holds_are_all_renewed(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.state.sessions.BATCH", 3)
    viewer = make_viewer()
    sessions = [worker.meet(str(number), viewer) for number in range(10)]
    for session in sessions:
        session.seen_at = worker.tell_time()
    await worker.sessions.renew_all()
    assert {session.standing for session in sessions} == {RUNNING}


async def test_a_round_renews_only_those_who_were_seen_since(worker: Worker, client: Redis) -> None:
    viewer = make_viewer()
    seen, paused = [await worker.play(name, viewer) for name in ("seen", "paused")]
    await worker.sessions.renew_all()
    await let_time_pass(client, viewer, seconds=60)
    seen.seen_at = worker.tell_time()
    await worker.sessions.renew_all()
    leases = name_viewer_keys(ISSUER, viewer).leases
    ends = {name: await client.zscore(leases, name) or 0 for name in ("seen", "paused")}
    assert ends["seen"] - ends["paused"] > 55_000
    assert paused.standing is RUNNING


async def test_a_session_that_fell_silent_is_met_anew(worker: Worker) -> None:
    viewer = make_viewer()
    session = await worker.play("s", viewer, max_streams=1)
    worker.ahead_s = LEASE_S - ROUND_S + 1
    await worker.sessions.renew_all()
    again = worker.meet("s", viewer, max_streams=1)
    assert again is not session
    assert again.standing is UNKNOWN


async def test_the_asset_asked_for_first_is_what_a_session_plays(worker: Worker) -> None:
    session = await worker.play("s", make_viewer(), max_streams=1)
    await worker.sessions.begin(session, asset_id=OTHER_ASSET_ID, now=worker.tell_time())
    assert session.asset_id == ASSET_ID


async def test_taking_over_ends_the_session_that_began_first_on_every_worker(
    worker: Worker, other: Worker, client: Redis
) -> None:
    viewer = make_viewer()
    first_there = await other.play("z-first", viewer, max_streams=2)
    await let_time_pass(client, viewer, seconds=30)
    second = await other.play("a-second", viewer, max_streams=2)
    first_here = await worker.play("z-first", viewer, max_streams=2)
    third = await worker.play("third", viewer, max_streams=2)
    assert third.standing is LIMIT
    await worker.sessions.take_over(third)
    assert (third.standing, third.holders) == (RUNNING, ())
    assert first_here.standing is DISPLACED
    await other.hear(first_there, DISPLACED)
    assert second.standing is RUNNING


async def test_a_displaced_session_stays_so_where_it_was_never_met(
    worker: Worker, other: Worker, client: Redis
) -> None:
    """Also one without limits, about which nobody asks."""
    viewer = make_viewer()
    old = await worker.play("old", viewer)
    await worker.sessions.take_over(await worker.play("new", viewer, max_streams=1))
    assert old.standing is DISPLACED
    known = other.meet("known", viewer)
    await let_time_pass(client, viewer, seconds=LEASE_S)
    await other.sessions.take_over(known)
    await other.hear(other.meet("old", viewer), DISPLACED)
    limited = await Worker(client).play("old", viewer, max_streams=1)
    assert limited.standing is DISPLACED


async def test_who_was_displaced_may_take_over_again(worker: Worker, other: Worker) -> None:
    viewer = make_viewer()
    one = await worker.play("one", viewer, max_streams=1)
    two = await other.play("two", viewer, max_streams=1)
    one_there = other.meet("one", viewer, max_streams=1)
    await other.sessions.take_over(two)
    await worker.hear(one, DISPLACED)
    await worker.sessions.take_over(one)
    assert one.standing is RUNNING
    await other.hear(two, DISPLACED)
    assert one_there.standing is UNKNOWN
    assert await other.begin(one_there) is RUNNING
    await worker.sessions.read_news()
    assert one.standing is RUNNING


async def test_a_displaced_session_that_renews_learns_it_without_news(
    worker: Worker, client: Redis
) -> None:
    viewer = make_viewer()
    session = await worker.play("s", viewer, max_streams=1)
    keys = name_viewer_keys(ISSUER, viewer)
    await client.zadd(keys.displaced, {"s": session.expires_at})
    await worker.sessions.renew_all()
    assert session.standing is DISPLACED


async def test_a_session_refused_when_it_renews_is_refused_on_every_worker(
    worker: Worker, other: Worker, client: Redis
) -> None:
    viewer = make_viewer()
    here, there = [await one.play("s", viewer, max_streams=1) for one in (worker, other)]
    await let_time_pass(client, viewer, seconds=LEASE_S)
    await worker.play("t", viewer, max_streams=1)
    await worker.sessions.renew_all()
    assert here.standing is LIMIT
    await other.hear(there, LIMIT)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"session_id":"s"}', b"\xff"])
async def test_what_is_no_news_is_passed_over(worker: Worker, client: Redis, text: bytes) -> None:
    viewer = make_viewer()
    session = await worker.play("s", viewer)
    await client.xadd(SESSION_STREAM, {FIELD: text})
    await worker.sessions.take_over(await worker.play("t", viewer, max_streams=1))
    await worker.hear(session, DISPLACED)


@pytest.mark.parametrize("limits", [{"max_streams": 1}, {"start_by": 1}], ids=["streams", "start"])
async def test_a_session_is_served_when_redis_is_not_there(limits: dict[str, int]) -> None:
    async with open_redis(NOWHERE) as client:
        worker = Worker(client)
        session = await worker.play("s", make_viewer(), **limits)
        assert session.standing is LATE
        assert worker.sessions.counts["late"] == 1


async def test_a_session_waits_no_longer_for_redis_than_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer never comes, and the client's own deadline neither."""
    monkeypatch.setattr("edge.state.sessions.DEADLINE_S", DEADLINE_S)
    monkeypatch.setattr("edge.state.redis_client.ANSWER_S", 3600)
    async with serve_silence() as url, open_redis(url) as client:
        worker = Worker(client)
        session = await worker.play("s", make_viewer(), max_streams=1)
        assert session.standing is LATE


async def test_a_frozen_redis_makes_sessions_late_and_decides_when_it_thaws(
    own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = make_viewer()
    async with open_redis(own_redis.url) as client:
        worker = Worker(client)
        before = await worker.play("before", viewer, max_streams=2)
        own_redis.freeze()
        monkeypatch.setattr("edge.state.sessions.DEADLINE_S", DEADLINE_S)
        late = [await worker.play(name, viewer, max_streams=2) for name in ("a", "b", "c")]
        assert {session.standing for session in late} == {LATE}
        assert before.standing is RUNNING
        own_redis.thaw()
        await worker.sessions.decide_late()
        standings = [session.standing for session in late]
        assert sorted(standing.name for standing in standings) == ["LIMIT", "LIMIT", "RUNNING"]


async def test_what_redis_forgot_is_registered_again(own_redis: OwnRedis) -> None:
    """Also if it could not begin any more."""
    viewer = make_viewer()
    async with open_redis(own_redis.url) as client:
        worker = Worker(client)
        session = await worker.play("s", viewer, max_streams=1)
        await worker.sessions.renew_all()
        own_redis.kill()
        session.seen_at = worker.tell_time()
        await worker.sessions.renew_all()
        assert session.standing is RUNNING
        assert not worker.sessions.healthy
        await own_redis.start()
        worker.ahead_s, session.start_by = 10, int(time.time()) - 5
        await worker.sessions.renew_all()
        assert session.standing is RUNNING
        assert (await worker.play("t", viewer, max_streams=1)).standing is LIMIT


async def test_who_ran_before_redis_forgot_comes_first_when_it_is_back(
    own_redis: OwnRedis,
) -> None:
    viewer = make_viewer()
    async with open_redis(own_redis.url) as client:
        worker = Worker(client)
        late = worker.meet("late", viewer, max_streams=1)
        first = await worker.play("first", viewer, max_streams=1)
        own_redis.kill()
        assert await worker.begin(late) is LATE
        await own_redis.start()
        await worker.sessions.renew_all()
        assert late.standing is LATE
        await worker.sessions.decide_late()
        assert (first.standing, late.standing) == (RUNNING, LIMIT)


async def test_who_was_late_and_fell_silent_takes_no_place_when_redis_is_back(
    own_redis: OwnRedis,
) -> None:
    viewer = make_viewer()
    async with open_redis(own_redis.url) as client:
        worker = Worker(client)
        own_redis.kill()
        assert (await worker.play("s", viewer, max_streams=1)).standing is LATE
        worker.ahead_s = LEASE_S
        await worker.sessions.renew_all()
        await own_redis.start()
        await worker.sessions.decide_late()
        assert not await client.exists(*name_viewer_keys(ISSUER, viewer))


async def test_who_takes_over_without_redis_is_served_until_it_is_back(
    own_redis: OwnRedis,
) -> None:
    viewer = make_viewer()
    async with open_redis(own_redis.url) as client:
        worker = Worker(client)
        await worker.play("first", viewer, max_streams=1)
        second = await worker.play("second", viewer, max_streams=1)
        own_redis.kill()
        await worker.sessions.take_over(second)
        assert second.standing is LATE


async def test_the_loops_outlive_a_redis_that_goes_and_comes_back(
    own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.state.sessions.TICK_S", 0.01)
    monkeypatch.setattr("edge.state.sessions.ROUND_S", 0.03)
    monkeypatch.setattr("edge.state.sessions.RETRY_S", 0.05)
    viewer = make_viewer()

    async with open_redis(own_redis.url) as client, open_redis(own_redis.url) as their_client:
        worker, other = Worker(client), Worker(their_client)
        healthy = worker.sessions
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(loop())
                for loop in (worker.sessions.keep_leases, worker.sessions.follow_news)
            ]

            async def is_well() -> bool:
                return healthy.healthy

            async def is_ill() -> bool:
                return not healthy.healthy

            await wait_until(is_well, what="a first answer", within_s=10)
            own_redis.kill()
            await wait_until(is_ill, what="Redis to be missed", within_s=10)
            late = await worker.play("late", viewer, max_streams=1)
            await own_redis.start()

            async def is_decided() -> bool:
                return late.standing is RUNNING

            await wait_until(is_decided, what="the late session to be decided", within_s=10)
            await wait_until(is_well, what="Redis to be found", within_s=10)
            await other.sessions.take_over(other.meet("new", viewer, max_streams=1))

            async def is_displaced() -> bool:
                return late.standing is DISPLACED

            await wait_until(is_displaced, what="the news", within_s=10)
            for loop in loops:
                loop.cancel()


async def test_sessions_are_counted_by_where_they_stand(worker: Worker) -> None:
    viewer = make_viewer()
    await worker.play("first", viewer, max_streams=1)
    await worker.play("second", viewer, max_streams=1)
    worker.meet("third", viewer)
    assert worker.sessions.count_standings() == {RUNNING: 1, LIMIT: 1, UNKNOWN: 1}
