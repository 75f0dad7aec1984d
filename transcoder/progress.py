"""How far a chunk is, told to whoever listens about once a second."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

_INTERVAL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Shares between 0 and 1: of the whole, and of each rung by its height."""

    fraction: float = 0.0
    rungs: Mapping[str, float] = field(default_factory=dict)


class Meter:
    """Passes progress on to `listener`, but not more often than is of use."""

    def __init__(
        self, listener: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._told_at = float("-inf")

    def tell(self, fraction: float, rungs: Mapping[str, float] | None = None) -> None:
        """So much is done; also said where nothing has changed, as a sign of life."""
        now = self._clock()
        if now - self._told_at >= _INTERVAL_S:
            self._told_at = now
            self._listener(Progress(min(1.0, fraction), rungs or {}))
