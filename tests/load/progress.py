"""What is being measured and for how long still, while one waits."""

import time
from collections.abc import Callable
from typing import TextIO


class Progress:
    """Lines on `output`. The rest is reckoned from what was planned, corrected by how long what
    is done has taken."""

    def __init__(
        self, output: TextIO, planned_s: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._output = output
        self._planned = planned_s
        self._done = 0.0
        self._clock = clock
        self._began_at = clock()

    def tell(self, what: str) -> None:
        self._output.write(f"[{self._describe_rest():>7}] {what}\n")
        self._output.flush()

    def advance(self, planned_s: float) -> None:
        """So much of the plan is done."""
        self._done = min(self._planned, self._done + planned_s)

    def _describe_rest(self) -> str:
        rest = max(0.0, self._planned - self._done)
        if self._done:
            rest *= (self._clock() - self._began_at) / self._done
        minutes, seconds = divmod(round(rest), 60)
        return f"{minutes}:{seconds:02}"
