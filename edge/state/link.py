"""Whether another server answers, as far as this process knows. It is logged when that changes."""

import logging
import random
import time
from typing import Final

FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 2.0

_log = logging.getLogger(__name__)


class Link:
    """The way to what is called `name`, down until it answered first."""

    def __init__(self, name: str) -> None:
        self.is_up = False
        self._name = name
        self._failures = 0
        self._down_since = time.monotonic()

    def note_answer(self) -> None:
        if not self.is_up:
            away_s = time.monotonic() - self._down_since
            _log.info("%s answers, after %.1f s", self._name, away_s)
        self.is_up, self._failures = True, 0

    def note_failure(self, error: Exception) -> None:
        if self.is_up or not self._failures:
            _log.warning("%s is away: %s: %s", self._name, type(error).__name__, error)
        if self.is_up:
            self._down_since = time.monotonic()
        self.is_up, self._failures = False, self._failures + 1

    def choose_pause(self) -> float:
        """Seconds until the next attempt: more after every failure, never in step with others."""
        doublings = min(self._failures, 10) - 1
        pause: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**doublings)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311
