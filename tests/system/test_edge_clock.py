"""A wall clock that steps by an hour, both ways: tokens go by it, nothing else is out of step."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from edge.state import sessions
from shared.events.leases import LEASE_S, name_viewer_keys
from standalone.waiting import wait_until
from tests.edge.films import ISSUER
from tests.edge.inside import scrape
from tests.edge.redis_servers import OwnRedis, serve_own_redis
from tests.system.audience import UNHARMED
from tests.system.drilled_edge import Drill, put_film, run_drill
from tests.system.steered_clock import SteeredClock

pytestmark = [pytest.mark.system, pytest.mark.slow]

HOUR_S = 3600
VIEWER = "viewer-with-one-stream"


@pytest.fixture
def clock(tmp_path: Path) -> SteeredClock:
    return SteeredClock(tmp_path)


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with serve_own_redis(tmp_path) as server:
        yield server


@pytest.fixture
async def drill(tmp_path: Path, clock: SteeredClock, redis: OwnRedis) -> AsyncIterator[Drill]:
    settings = {"REDIS_URL": redis.url, **clock.environment}
    media = tmp_path / "media"
    async with run_drill(tmp_path, put_film(media), settings, media=media, workers=1) as drill:
        yield drill
    assert "Traceback" not in drill.edge.errors


def good_for(*, since_s: int, until_s: int) -> dict[str, Any]:
    """Claims of a token that is good from then until then, in seconds from now."""
    now = int(time.time())
    return {"issued_at": now + since_s, "not_before": now + since_s, "expires_at": now + until_s}


LONG = {"since_s": -2 * HOUR_S, "until_s": 2 * HOUR_S}


async def ask(drill: Drill, path: str) -> str:
    async with ClientSession() as client, client.get(drill.origin + path) as answer:
        return "200" if answer.status == 200 else (await answer.json(content_type=None))["code"]


async def test_tokens_go_by_the_wall_clock_and_viewers_go_on(
    drill: Drill, clock: SteeredClock
) -> None:
    passing = drill.path(**good_for(since_s=-60, until_s=HOUR_S // 2))
    coming = drill.path(**good_for(since_s=HOUR_S // 2, until_s=HOUR_S * 2))
    codes = {0: ("200", "token_invalid"), HOUR_S: ("token_expired", "200")}
    codes[-HOUR_S] = ("token_invalid", "token_invalid")
    async with drill.watch(**good_for(**LONG)) as audience:
        for offset_s in (0, HOUR_S, 0, -HOUR_S, 0):
            clock.set(offset_s)
            assert (await ask(drill, passing), await ask(drill, coming)) == codes[offset_s]
            await audience.notice()
    assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
    metrics = await scrape(drill.edge.internal)
    assert not any(n for (name, *_), n in metrics.items() if name == "connections_cut_total")


async def test_leases_are_renewed_and_places_are_kept(
    drill: Drill, clock: SteeredClock, redis: OwnRedis
) -> None:
    claims: dict[str, Any] = {"subject": VIEWER, "max_streams": 1, **good_for(**LONG)}
    one, other = (drill.path(session_id=sid, **claims) for sid in ("one", "other"))
    async with Redis.from_url(redis.url) as client:
        assert (await ask(drill, one), await ask(drill, other)) == ("200", "stream_limit")
        for offset_s in (HOUR_S, 0):
            clock.set(offset_s)
            before = await find_end(client)

            async def is_renewed(before: float = before) -> bool:
                assert await ask(drill, one) == "200"
                return await find_end(client) > before

            await wait_until(is_renewed, what="a renewal", within_s=sessions.ROUND_S + 5)
            assert await ask(drill, other) == "stream_limit"
            assert await find_end(client) < time.time() + LEASE_S + 5


async def find_end(client: Redis) -> float:
    """When the first session's lease ends, by the clock of Redis."""
    score = await client.zscore(name_viewer_keys(ISSUER, VIEWER).leases, "one")
    assert score is not None
    return score / 1000
