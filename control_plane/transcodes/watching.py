"""Watching jobs live: one Redis subscription of a process feeds all who watch."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import UUID

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from control_plane.transcodes.announcements import CHANNEL

News = asyncio.Queue[bytes]

_SUBSCRIBE_S: Final = 2
_RETRY_S: Final = 2

_log = logging.getLogger(__name__)


class Watchers:
    """Who watches which job. The subscription lives as long as anybody does."""

    def __init__(self) -> None:
        self._news: dict[str, set[News]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._is_subscribed = asyncio.Event()

    @asynccontextmanager
    async def watch(self, job_id: UUID) -> AsyncIterator[News]:
        """The job's states from now on: of several that nobody has taken, the latest.

        Begins once nothing can be missed, or at once when Redis is away.
        """
        channel = CHANNEL.format(job_id=job_id)
        news = News(maxsize=1)
        self._news.setdefault(channel, set()).add(news)
        try:
            await self._await_subscription()
            yield news
        finally:
            self._forget(channel, news)

    def count(self) -> int:
        """How many watch."""
        return sum(map(len, self._news.values()))

    async def _await_subscription(self) -> None:
        if self._reading is None or self._reading.done():
            self._is_subscribed = asyncio.Event()
            self._reading = asyncio.create_task(self._read())
        with suppress(TimeoutError):
            async with asyncio.timeout(_SUBSCRIBE_S):
                await self._is_subscribed.wait()

    def _forget(self, channel: str, news: News) -> None:
        self._news[channel].discard(news)
        if not self._news[channel]:
            del self._news[channel]
        if not self._news and self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def _read(self) -> None:
        while True:
            try:
                await self._read_subscription()
            except RedisError as error:
                self._is_subscribed.clear()
                _log.warning("jobs are not announced", extra={"cause": str(error)})
                await asyncio.sleep(_RETRY_S)

    async def _read_subscription(self) -> None:
        url = settings.CONFIG.redis_url.get_secret_value()
        async with Redis.from_url(url) as redis, redis.pubsub() as subscription:
            await subscription.psubscribe(CHANNEL.format(job_id="*"))
            async for message in subscription.listen():
                if message["type"] == "psubscribe":
                    self._is_subscribed.set()
                else:
                    self._deliver(message["channel"].decode(), message["data"])

    def _deliver(self, channel: str, state: bytes) -> None:
        for news in self._news.get(channel, ()):
            if news.full():
                news.get_nowait()
            news.put_nowait(state)


WATCHERS: Final = Watchers()
