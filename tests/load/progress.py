"""What is being measured and for how long still, while one waits."""

from typing import TextIO


class Progress:
    """Lines on `output`, each with what is left of the plan in minutes and seconds."""

    def __init__(self, output: TextIO, planned_s: float) -> None:
        self._output = output
        self._left_s = planned_s

    def tell(self, what: str) -> None:
        minutes, seconds = divmod(round(self._left_s), 60)
        self._output.write(f"[{minutes:3}:{seconds:02} left] {what}\n")
        self._output.flush()

    def advance(self, planned_s: float) -> None:
        """So much of the plan is done."""
        self._left_s = max(0.0, self._left_s - planned_s)
