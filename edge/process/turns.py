"""Processes that take turns: lines of several workers in one pipe must not run into each other.

What is longer than a pipe takes at once (PIPE_BUF, pipe(7)) may be broken up by what others write.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class Turns:
    """One at a time of all processes that name the same file or folder; to be used in threads,
    which may wait. Who dies loses its turn."""

    def __init__(self, place: Path) -> None:
        self._descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
