"""The edge's Redis client, with servers that are well, dead, silent or back again."""

import asyncio
from pathlib import Path

import pytest

from edge.state.redis_client import AWAY, open_redis
from tests.edge.redis_servers import serve_own_redis, serve_silence


async def test_a_well_server_is_asked(redis_url: str) -> None:
    async with open_redis(redis_url) as client:
        assert await client.echo("here") == b"here"


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:9/0", "unix:///nowhere/redis.sock"], ids=["port", "socket"]
)
async def test_a_server_that_is_not_there_is_away(url: str) -> None:
    async with open_redis(url) as client:
        with pytest.raises(AWAY):
            await client.ping()


async def test_a_silent_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.state.redis_client.ANSWER_S", 0.05)
    async with serve_silence() as url, open_redis(url) as client:
        with pytest.raises(AWAY):
            await client.ping()


async def test_a_server_that_was_started_anew_is_reached_at_the_first_try(tmp_path: Path) -> None:
    async with serve_own_redis(tmp_path) as server, open_redis(server.url) as client:
        await client.ping()
        server.kill()
        await server.start()
        assert await client.ping()


async def test_an_answer_given_up_is_not_taken_for_the_next_one(tmp_path: Path) -> None:
    async with serve_own_redis(tmp_path) as server, open_redis(server.url) as client:
        await client.ping()
        server.freeze()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.echo("first")
        server.thaw()
        assert await client.echo("second") == b"second"


async def test_a_silent_server_is_away_for_pipelines_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.state.redis_client.ANSWER_S", 0.05)
    async with serve_silence() as url, open_redis(url) as client:
        pipe = client.pipeline(transaction=False)
        pipe.ping()
        with pytest.raises(AWAY):
            await pipe.execute()


async def test_a_loop_of_commands_ends_whenever_it_is_cancelled(redis_url: str) -> None:
    """Wherever a command is: about to be sent, sent, or answered."""
    async with open_redis(redis_url) as client:

        async def ask_for_ever() -> None:
            while True:
                await client.ping()

        for turns in range(60):
            loop = asyncio.create_task(ask_for_ever())
            for _ in range(turns):
                await asyncio.sleep(0)
            loop.cancel()
            done, _ = await asyncio.wait([loop], timeout=10)
            assert done
