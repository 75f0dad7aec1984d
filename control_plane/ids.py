"""UUIDv7 (RFC 9562 section 5.7): identifiers that sort by the time they were made."""

import os
import time
import uuid
from threading import Lock
from typing import Final

_RANDOM_BITS: Final = 74
_STEP_BYTES: Final = 4


class _Sequence:
    """Numbers of 48 bits of unix milliseconds and 74 others, each above the one before: within a
    millisecond the others go up by random steps (RFC 9562 section 6.2, method 2)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def draw(self) -> int:
        fresh = time.time_ns() // 1_000_000 << _RANDOM_BITS | _draw_random(10) >> 6
        with self._lock:
            if fresh >> _RANDOM_BITS <= self._last >> _RANDOM_BITS:
                fresh = self._last + 1 + _draw_random(_STEP_BYTES)
            self._last = fresh
        return fresh


def _draw_random(size_bytes: int) -> int:
    return int.from_bytes(os.urandom(size_bytes), "big")


_sequence: Final = _Sequence()


def make_uuid7() -> uuid.UUID:
    """A new identifier, above all that this process made before."""
    number = _sequence.draw()
    high, low = number >> 62, number & (1 << 62) - 1
    milliseconds, others = high >> 12, high & 0xFFF
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | others << 64 | 0b10 << 62 | low)
