"""How the edge reaches Redis: every answer has a deadline, and connections are few.

Without Redis the edge serves on, so nothing here waits for it to come back: a call fails, and
whoever called has other ways. `AWAY` is everything that such a failure can be.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

ANSWER_S: Final = 2.0
CONNECT_S: Final = 1.0
CONNECTIONS: Final = 16

AWAY: Final = (RedisError, OSError, TimeoutError)


class _PunctualPipeline(Pipeline):
    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        async with asyncio.timeout(ANSWER_S):
            return await super().execute(raise_on_error)


class _PunctualRedis(Redis):
    """Has deadlines of its own. redis-py's (`socket_timeout`) rest on `asyncio.wait_for`, which
    before Python 3.12 loses a cancellation that comes when a command has just been sent: then
    loops that should end run on."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        async with asyncio.timeout(ANSWER_S):
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        return _PunctualPipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[Redis]:
    """A client that connects when it is first used.

    A connection that was kept may be dead, so what fails for that reason is tried once more.
    Whoever waits with BLOCK waits at most for `ANSWER_S`, less a margin.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWER_S,
        socket_timeout=None,
        socket_connect_timeout=CONNECT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        protocol=2,
        driver_info=None,
    )
    client = _PunctualRedis(connection_pool=pool)
    try:
        yield client
    finally:
        await client.aclose()
        await pool.aclose()
