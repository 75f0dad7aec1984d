"""A store that does not answer: asked once a second, not by everybody, and told in few lines."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from edge.content.files import FileChanged
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable

REST_S: Final = 1.0
FAILED_KEYS: Final = 5
"""So many objects one after the other: a single one may lie on a bad sector."""

_log = logging.getLogger(__name__)


class Circuit:
    """Opens when the store fails again and again, closes when it answers."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: set[str] = set()
        self._opened_at: float | None = None
        self._rests_until = 0.0
        self._spared = 0

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    @contextmanager
    def guard(self, key: str) -> Iterator[None]:
        """Around a call to the store; raises `StoreUnavailable` instead of making it while open,
        but for one a second."""
        self._check(key)
        try:
            yield
        except (ObjectMissing, FileChanged):
            self._note_answer()
            raise
        except StoreUnavailable as error:
            self._note_failure(key, error)
            raise
        self._note_answer()

    def _check(self, key: str) -> None:
        if self._opened_at is None:
            return
        now = self._clock()
        if now < self._rests_until:
            self._spared += 1
            raise StoreUnavailable(f"{key}: not asked for, as the store failed a moment ago")
        self._rests_until = now + REST_S

    def _note_failure(self, key: str, error: StoreUnavailable) -> None:
        self._failed.add(key)
        if self._opened_at is None and len(self._failed) >= FAILED_KEYS:
            self._opened_at = self._clock()
            self._rests_until = self._opened_at + REST_S
            _log.error("the store fails and is asked once a second from now on: %s", error)

    def _note_answer(self) -> None:
        self._failed.clear()
        if self._opened_at is not None:
            away_s = self._clock() - self._opened_at
            _log.warning(
                "the store answers again after %.1f s, %d calls spared", away_s, self._spared
            )
            self._opened_at, self._spared = None, 0


class Complaints:
    """Why something fails, in the log: a line a second at most, with the number left out."""

    def __init__(self, what: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._clock = clock
        self._silent_until = 0.0
        self._left_out = 0

    def record(self, error: Exception) -> None:
        now = self._clock()
        if now < self._silent_until:
            self._left_out += 1
            return
        more = f" ({self._left_out} more since the last such line)" if self._left_out else ""
        _log.error("%s: %s%s", self._what, error, more)
        self._silent_until, self._left_out = now + REST_S, 0
