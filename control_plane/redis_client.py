"""Redis for what is neither a task nor a cache: streams and announcements."""

from functools import cache
from typing import Final

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_TIMEOUT_S: Final = 2


@cache
def open_redis() -> Redis:
    """The client of this process. What fails is tried once more at once, since a connection that
    was kept may be dead, and no later: whoever calls has other ways to make it good."""
    return Redis.from_url(
        settings.CONFIG.redis_url.get_secret_value(),
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )
