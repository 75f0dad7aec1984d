"""What a person at the terminal sees: a line a step, and a bar for the one that takes long.

Without a terminal each step is one plain line, so that a log stays readable.
"""

import contextlib
import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

_TITLE_WIDTH: Final = 18
_BAR_WIDTH: Final = 24
_ERASE_LINE: Final = "\r\x1b[2K"


class Step:
    """A step under way."""

    def __init__(self, display: "Display", title: str) -> None:
        self._display = display
        self._title = title
        self.result = ""

    def show_progress(self, fraction: float, text: str = "") -> None:
        """Draw a bar for a fraction between 0 and 1."""
        done = round(_BAR_WIDTH * fraction)
        bar = "█" * done + "░" * (_BAR_WIDTH - done)
        self.show(f"{bar} {fraction:4.0%} {text}".rstrip())

    def show(self, text: str) -> None:
        self._display.redraw(f"  … {self._title:{_TITLE_WIDTH}}{text}")


class Display:
    """Writes to one stream, with a line that changes where that is a terminal."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal can draw a bar
        self._stream = stream
        self._alive = stream.isatty()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Announce a step, and say how long it took when it is done."""
        started_at = time.monotonic()
        step = Step(self, title)
        step.show("")
        try:
            yield step
        except BaseException:
            self._finish(f"  ✗ {title}")
            raise
        took = f"{time.monotonic() - started_at:.1f} s"
        self._finish(f"  ✓ {title:{_TITLE_WIDTH}}{took:>7}  {step.result}".rstrip())

    def say(self, text: str = "") -> None:
        """Write a whole line."""
        self._finish(text)

    def redraw(self, text: str) -> None:
        """Replace the line that changes; nothing where there is no terminal."""
        if self._alive:
            self._write(_ERASE_LINE + text)

    def _finish(self, text: str) -> None:
        self._write(f"{_ERASE_LINE if self._alive else ''}{text}\n")

    def _write(self, text: str) -> None:
        # A terminal or a pipe that went away stops nothing.
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
