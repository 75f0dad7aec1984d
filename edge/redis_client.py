"""How the edge reaches Redis: every answer has a deadline, and connections are few.

Without Redis the edge serves on, so nothing here waits for it to come back: a call fails, and
whoever called has other ways. `AWAY` is everything that such a failure can be.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

ANSWER_S: Final = 2.0
CONNECT_S: Final = 1.0
CONNECTIONS: Final = 16

AWAY: Final = (RedisError, OSError, TimeoutError)


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
        socket_timeout=ANSWER_S,
        socket_connect_timeout=CONNECT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        protocol=2,
        driver_info=None,
    )
    client = Redis(connection_pool=pool)
    try:
        yield client
    finally:
        await client.aclose()
        await pool.aclose()
