"""Reading the stream of revocations, and noticing when it lost something."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from edge.state import redis_client, revocation_stream
from edge.state.revocation_stream import COUNT, START, RevocationStream
from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM
from tests.edge.edges import REDIS_NOWHERE
from tests.edge.redis_servers import serve_silence


@pytest.fixture
async def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    monkeypatch.setattr(revocation_stream, "BLOCK_MS", 1)
    async with redis_client.open_redis(redis_url) as client:
        await client.delete(REVOCATION_STREAM)
        yield client
        await client.delete(REVOCATION_STREAM)


@pytest.fixture
def stream(redis: Redis) -> RevocationStream:
    return RevocationStream(redis)


async def add(redis: Redis, *records: str) -> None:
    for record in records:
        await redis.xadd(REVOCATION_STREAM, {FIELD: record})


async def test_a_stream_that_is_not_there_begins_at_its_start(stream: RevocationStream) -> None:
    assert await stream.find_end() == START
    assert await stream.read(START) == ([], START, False)


async def test_what_was_said_before_the_end_is_not_read(
    redis: Redis, stream: RevocationStream
) -> None:
    await add(redis, "old")
    position = await stream.find_end()
    assert await stream.read(position) == ([], position, False)
    await add(redis, "new", "newer")
    assert await stream.read(position) == ([b"new", b"newer"], await stream.find_end(), False)


async def test_much_is_read_in_parts(redis: Redis, stream: RevocationStream) -> None:
    await add(redis, "first")
    position = await stream.find_end()
    await add(redis, *(str(number) for number in range(COUNT + 1)))
    batch = await stream.read(position)
    assert len(batch.records) == COUNT
    assert (await stream.read(batch.position)).records == [str(COUNT).encode()]


async def test_an_entry_of_another_form_is_an_empty_record(
    redis: Redis, stream: RevocationStream
) -> None:
    await add(redis, "first")
    position = await stream.find_end()
    await redis.xadd(REVOCATION_STREAM, {"other": "field"})
    assert (await stream.read(position)).records == [b""]


async def test_entries_that_were_trimmed_unread_are_missed(
    redis: Redis, stream: RevocationStream
) -> None:
    await add(redis, "first")
    position = await stream.find_end()
    await add(redis, "lost", "kept")
    await redis.xtrim(REVOCATION_STREAM, maxlen=1, approximate=False)
    assert await stream.read(position) == ([b"kept"], await stream.find_end(), True)


async def test_entries_that_were_trimmed_after_they_were_read_are_not_missed(
    redis: Redis, stream: RevocationStream
) -> None:
    await add(redis, "first", "second")
    position = await stream.find_end()
    await redis.xtrim(REVOCATION_STREAM, maxlen=1, approximate=False)
    assert await stream.read(position) == ([], position, False)


async def test_a_stream_that_was_emptied_is_noticed(redis: Redis, stream: RevocationStream) -> None:
    await add(redis, "first")
    position = await stream.find_end()
    await redis.delete(REVOCATION_STREAM)
    assert await stream.read(position) == ([], START, True)


async def test_what_comes_first_of_all_may_not_be_the_first(
    redis: Redis, stream: RevocationStream
) -> None:
    await add(redis, "lost", "kept")
    await redis.xtrim(REVOCATION_STREAM, maxlen=1, approximate=False)
    assert await stream.read(START) == ([b"kept"], await stream.find_end(), True)


async def test_nobody_there_is_said() -> None:
    async with redis_client.open_redis(REDIS_NOWHERE) as client:
        with pytest.raises(redis_client.AWAY):
            await RevocationStream(client).find_end()


async def test_silence_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "ANSWER_S", 0.1)
    async with serve_silence() as url, redis_client.open_redis(url) as client:
        with pytest.raises(redis_client.AWAY):
            await RevocationStream(client).read("1-0")
