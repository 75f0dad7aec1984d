"""Memory that the workers of one machine share: what each order needs is reserved before it begins.

A reservation is a locked file in a folder that the workers have in common; its name begins with
the number of bytes. The kernel takes the lock of a worker that dies, and the next one to look takes
the file.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from shared.jobs import HEARTBEAT_INTERVAL_S

_DECISION: Final = "decision.lock"
_LOOK_EVERY_S: Final = 0.25
_USABLE: Final = 0.8
_CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")


class Reservation:
    """Some memory that is ours until this is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        flock(self._descriptor, LOCK_EX)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


class MemoryBudget:
    """The memory that workers with the same `folder` share."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes

    def reserve(self, wanted_bytes: int) -> Reservation | None:
        """Reserve memory if there is enough. What needs more than there is at all may have it
        when nobody else has any."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._deciding():
            taken = self._count_taken()
            if taken and taken + wanted_bytes > self._budget_bytes:
                return None
            return Reservation(self._folder / f"{wanted_bytes}.{uuid4()}")

    def wait(
        self, wanted_bytes: int, *, within_s: float, stopping: Event, beat: Callable[[], None]
    ) -> Reservation | None:
        """The same, waiting for others to finish; None when time is over or the worker stops.

        Calls `beat` as soon as it has to wait and then every two seconds; what that raises ends
        the waiting.
        """
        until_s, beat_at = time.monotonic() + within_s, 0.0
        while not stopping.is_set():
            reservation = self.reserve(wanted_bytes)
            now = time.monotonic()
            if reservation is not None or now >= until_s:
                return reservation
            if now >= beat_at:
                beat()
                beat_at = now + HEARTBEAT_INTERVAL_S
            stopping.wait(_LOOK_EVERY_S)
        return None

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """While this is entered, no other worker reserves anything."""
        with (self._folder / _DECISION).open("w") as file:
            flock(file, LOCK_EX)
            yield

    def _count_taken(self) -> int:
        return sum(map(_read_held, self._folder.glob("*.*-*")))


def _read_held(path: Path) -> int:
    """The bytes that a reservation still holds; one whose worker is gone is cleared away."""
    with suppress(FileNotFoundError), path.open() as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return int(path.name.partition(".")[0])
        path.unlink(missing_ok=True)
    return 0


def find_usable_memory() -> int:
    """What workers may use together where nobody has said: most of what there is, in bytes."""
    present = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        present = min(present, int(_CGROUP_LIMIT.read_text()))
    return round(present * _USABLE)
