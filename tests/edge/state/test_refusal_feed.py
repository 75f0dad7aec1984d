"""The feed of refusals: told singly, in bulk under a flood, lost when Redis is away."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from redis.asyncio import Redis

from edge.access_log import Visit
from edge.gate.decisions import RULES, Refused, Verified
from edge.state.redis_client import open_redis
from edge.state.refusal_feed import MAX_BURSTS, MAX_TEXT, TOLD_SINGLY, RefusalFeed, describe_refusal
from shared.events.record import FIELD
from shared.events.refusals import REFUSAL_STREAM, Refusal, RefusalCode
from standalone.waiting import wait_until
from tests.edge.films import ASSET_ID, VIDEO_ID, make_signer

NOWHERE = "redis://127.0.0.1:9/0"
ID = "0123456789abcdef"
VISIT = Visit("GET", 1767225600.25, kind="video", asset_id=ASSET_ID, name="video/720/1.m4s")
EXPIRED = Refused(
    RefusalCode.TOKEN_EXPIRED,
    "It expired 3 s ago.",
    rule="clock",
    verified=Verified(make_signer().claims(session_id="s", subject="u"), "kid"),
)
STRANGE = Refused(RefusalCode.TOKEN_INVALID, "not a JWT")


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as client:
        await client.delete(REFUSAL_STREAM)
        yield client


async def read(client: Redis) -> list[Refusal]:
    entries: Any = await client.xrange(REFUSAL_STREAM)
    return [Refusal.parse(fields[FIELD.encode()]) for _, fields in entries]


def record(feed: RefusalFeed, refused: Refused, peers: Iterable[str]) -> None:
    for peer in peers:
        feed.record(refused, VISIT, decision_id=ID, origin=None, peer=peer)


async def test_a_refusal_is_told_with_its_rules_and_what_a_genuine_token_said(
    client: Redis,
) -> None:
    feed = RefusalFeed(client)
    feed.record(EXPIRED, VISIT, decision_id=ID, origin="https://site.example", peer="192.0.2.7")
    await feed.flush()
    (refusal,) = await read(client)
    assert (refusal.decision_id, refusal.code, refusal.weight) == (ID, EXPIRED.code, 1)
    assert (refusal.subject, refusal.session_id, refusal.video_id) == ("u", "s", VIDEO_ID)
    assert (refusal.asset_id, refusal.name) == (ASSET_ID, "video/720/1.m4s")
    assert (refusal.origin, refusal.peer) == ("https://site.example", "192.0.2.7")
    assert [(rule.rule, rule.passed) for rule in refusal.rules] == [
        ("token", True),
        ("clock", False),
    ]
    assert feed.sent == 1


async def test_a_refusal_without_a_genuine_token_names_no_viewer(client: Redis) -> None:
    feed = RefusalFeed(client)
    record(feed, STRANGE, ["192.0.2.7"])
    await feed.flush()
    (refusal,) = await read(client)
    assert (refusal.subject, refusal.session_id, refusal.issuer) == (None, None, None)
    assert [rule.rule for rule in refusal.rules] == [RULES[0]]


async def test_a_flood_from_one_address_becomes_a_few_records(client: Redis) -> None:
    feed = RefusalFeed(client)
    record(feed, STRANGE, ["192.0.2.7"] * 1000)
    record(feed, EXPIRED, ["192.0.2.7"])
    record(feed, STRANGE, ["192.0.2.8"])
    await feed.flush()
    refusals = await read(client)
    assert [refusal.weight for refusal in refusals] == [
        *[1] * (TOLD_SINGLY + 2),
        1000 - TOLD_SINGLY,
    ]
    assert feed.sent == 1002
    record(feed, STRANGE, ["192.0.2.7"])
    await feed.flush()
    assert (await read(client))[-1].weight == 1


async def test_a_flood_from_many_addresses_takes_no_more_than_its_share(client: Redis) -> None:
    feed = RefusalFeed(client)
    peers = [f"198.51.{number // 256}.{number % 256}" for number in range(MAX_BURSTS + 500)]
    record(feed, STRANGE, peers)
    await feed.flush()
    refusals = await read(client)
    assert len(refusals) == MAX_BURSTS + TOLD_SINGLY + 1
    assert (refusals[-1].weight, refusals[-1].peer) == (500 - TOLD_SINGLY, None)
    assert feed.sent == len(peers)


async def test_what_redis_does_not_take_is_lost_and_counted() -> None:
    async with open_redis(NOWHERE) as client:
        feed = RefusalFeed(client)
        record(feed, STRANGE, ["192.0.2.7"] * 20)
        await feed.flush()
        assert (feed.sent, feed.lost) == (0, 20)
        await feed.flush()
        assert feed.lost == 20


async def test_the_loop_sends_by_itself(client: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.state.refusal_feed.TICK_S", 0.01)
    feed = RefusalFeed(client)
    sending = asyncio.create_task(feed.keep_sending())
    record(feed, STRANGE, ["192.0.2.7"])

    async def arrives() -> bool:
        return bool(await read(client))

    await wait_until(arrives, what="the refusal", within_s=10)
    sending.cancel()
    await asyncio.wait([sending])


@pytest.mark.parametrize("text", ["x" * 10_000, "\udcff" * 600, "\0"], ids=["long", "bytes", "NUL"])
def test_whatever_a_stranger_wrote_fits_into_a_record(text: str) -> None:
    visit = Visit(text, 1.0, name=text)
    refused = Refused(RefusalCode.TOKEN_INVALID, text)
    refusal = describe_refusal(refused, visit, decision_id=ID, origin=text, peer=text)
    assert Refusal.parse(refusal.render()) == refusal
    assert len(refusal.cause) <= MAX_TEXT
    assert "\0" not in refusal.cause
