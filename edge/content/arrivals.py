"""Files on their way from the disk into the page cache, looked at every millisecond.

The kernel tells nobody when they have arrived. A look costs a microsecond or two, and most disks
need one; a thread that waits for the same costs thirty times that to wake and to put to sleep.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from edge.content.files import OpenFile

LOOK_EVERY_S: Final = 0.001
LOOKS: Final = 4
"""What has not arrived by then lies on a slow disk, where a thread costs little beside the wait."""


@dataclass(slots=True)
class _Expected:
    """Bytes that were called up, and who waits for them."""

    file: OpenFile
    offset: int
    length: int
    waiter: "asyncio.Future[bytes | None]"
    looks: int = 0

    def look(self) -> bool:
        """Whether to look again."""
        self.looks += 1
        try:
            self.waiter.set_result(self.file.read_cached(self.offset, self.length))
        except BlockingIOError:
            if self.looks < LOOKS:
                return True
            self.waiter.set_result(None)
        except Exception as error:  # it is for who waits, and not for the others that are expected
            self.waiter.set_exception(error)
        return False


class Arrivals:
    """All that is expected in one event loop."""

    def __init__(self) -> None:
        self._expected: list[_Expected] = []

    async def await_bytes(self, file: OpenFile, offset: int, length: int) -> bytes | None:
        """These bytes when they have come, or None where that takes long; raises
        `StoreUnavailable`."""
        file.call_up(offset, length)
        loop = asyncio.get_running_loop()
        if not self._expected:
            loop.call_later(LOOK_EVERY_S, self._look, loop)
        waiter: asyncio.Future[bytes | None] = loop.create_future()
        self._expected.append(_Expected(file, offset, length, waiter))
        return await waiter

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        expected = self._expected
        self._expected = [one for one in expected if not one.waiter.done() and one.look()]
        if self._expected:
            loop.call_later(LOOK_EVERY_S, self._look, loop)
