"""How far an attempt is, told to whoever listens about once a second."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

# Encoding is nearly all of it; stills and the publish gate are the rest.
_ENCODING_SHARE: Final = 0.96
_STILLS_SHARE: Final = 0.97
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
        self._rungs: Mapping[str, float] = {}

    def encoding(self, fraction: float, rungs: Mapping[str, float]) -> None:
        """So much of the source is encoded."""
        if self._clock() - self._told_at >= _INTERVAL_S:
            self._rungs = rungs
            self._tell(fraction * _ENCODING_SHARE)

    def encoded(self) -> None:
        """All of the source is encoded."""
        self._rungs = dict.fromkeys(self._rungs, 1.0)
        self._tell(_ENCODING_SHARE)

    def packaged(self) -> None:
        """All files but the asset's document are written."""
        self._tell(_STILLS_SHARE)

    def _tell(self, fraction: float) -> None:
        self._told_at = self._clock()
        self._listener(Progress(fraction, self._rungs))
