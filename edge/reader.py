"""Reads from the store that do not block the loop: a few threads, and a short queue.

Past the queue's end a read is refused at once: an overloaded disk is not helped by waiting, and
a player asks again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from shared.runtime.store.interface import Store

Value = TypeVar("Value")


class ReaderBusy(Exception):
    """As many reads are waiting as may wait."""


class Reader:
    """A store behind `threads` threads with at most `queue` reads under way or waiting.

    Every method raises what the store's does, and `ReaderBusy`.
    """

    def __init__(self, store: Store, *, threads: int, queue: int) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="edge-read")
        self._queue = queue
        self.pending = 0

    async def read(self, key: str) -> bytes:
        """The whole object."""
        return await self._run(lambda: self._store.get(key))

    async def read_parsed(self, key: str, parse: Callable[[bytes], Value]) -> Value:
        """The object as `parse` sees it, in the thread, too."""
        return await self._run(lambda: parse(self._store.get(key)))

    async def read_range(
        self, key: str, offset: int, length: int, *, patient: bool = False
    ) -> bytes:
        """A part of the object; a `patient` read waits however long the queue is."""
        return await self._run(lambda: self._store.get_range(key, offset, length), patient=patient)

    async def _run(self, read: Callable[[], Value], *, patient: bool = False) -> Value:
        if self.pending >= self._queue and not patient:
            raise ReaderBusy
        self.pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, read)
        finally:
            self.pending -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
