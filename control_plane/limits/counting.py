"""Calls counted in Redis: one script, so that no two calls take the same place.

Redis may be away. It is then asked again after a pause, not by every call, which would all wait.
"""

import logging
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

from control_plane.rates import Rate

PAUSE_S: Final = 5

_TIMEOUT_S: Final = 0.25
_SCRIPT: Final = Path(__file__).with_name("window.lua").read_text()

_log = logging.getLogger(__name__)


class CounterAway(Exception):
    """Redis cannot be asked, so nothing is counted."""


@dataclass(frozen=True, slots=True)
class Count:
    """Where a caller stands: whether this call is taken, how many are left, and for how many
    seconds that holds, or a call that was not taken has to wait."""

    taken: bool
    left: int
    seconds: int


class Counter:
    """The counter of this process; `url` is where Redis listens."""

    def __init__(self, url: str) -> None:
        self._take: Final[Script] = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        ).register_script(_SCRIPT)
        self._away_until = 0.0

    def count(self, caller: str, rate: Rate, *, now: float) -> Count:
        """Count one call; raise `CounterAway`."""
        if time.monotonic() < self._away_until:
            raise CounterAway
        try:
            taken, left, seconds = self._take([caller], [rate.quota, rate.window_s, now])
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE_S
            _log.warning("calls are not counted", extra={"cause": str(error)})
            raise CounterAway from error
        return Count(bool(taken), left, seconds)


@cache
def open_counter() -> Counter:
    return Counter(settings.CONFIG.redis_url.get_secret_value())
