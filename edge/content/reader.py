"""Reads that do not block the loop: at once what the kernel has in mind, the rest in a few threads.

The threads have a short queue. Past its end a read is refused at once: an overloaded disk is not
helped by waiting, and a player asks again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from edge.content.arrivals import Arrivals
from edge.content.files import AT_ONCE_BYTES, CannotTell, Files, OpenFile
from edge.content.outage import Circuit
from edge.content.threads import Threads

Value = TypeVar("Value")


class ReaderBusy(Exception):
    """As many reads are waiting as may wait."""


class Reader:
    """Files behind `threads` threads with at most `queue` reads under way or waiting in them.

    Every method raises `StoreError`, and `ReaderBusy`.
    """

    def __init__(self, files: Files, *, threads: int, queue: int) -> None:
        self._files = files
        self._threads = Threads(threads, name="edge-read")
        self._queue = queue
        self._arrivals = Arrivals()
        self.circuit = Circuit()
        self._can_tell = True
        self.pending = 0

    async def read(self, key: str, size_bytes: int) -> tuple[bytes, OpenFile]:
        """The whole object, which has this size, and the file that it was read from."""
        with self.circuit.guard(key):
            file = self._open_cached(key)
            if file is None:
                return await self._wait_for(self._read_waiting, key, size_bytes)
            file.check_size(size_bytes)
            return await self._read(file, 0, size_bytes), file

    async def read_parsed(self, key: str, parse: Callable[[bytes], Value]) -> Value:
        """The object as `parse` sees it, in the thread, too."""
        with self.circuit.guard(key):
            return await self._wait_for(self._parse_waiting, key, parse)

    async def open(self, key: str, size_bytes: int) -> OpenFile:
        """The object, which has this size, to be read by and by."""
        with self.circuit.guard(key):
            file = self._open_cached(key)
            if file is None:
                file = await self._wait_for(self._open_waiting, key)
            file.check_size(size_bytes)
            return file

    async def read_part(
        self, file: OpenFile, offset: int, length: int, *, patient: bool = False
    ) -> bytes:
        """A part of an open file; a `patient` read waits however long the queue is."""
        with self.circuit.guard(file.key):
            return await self._read(file, offset, length, patient=patient)

    def close(self) -> None:
        self._threads.close()

    async def _read(
        self, file: OpenFile, offset: int, length: int, *, patient: bool = False
    ) -> bytes:
        if self._can_tell and length <= AT_ONCE_BYTES:
            try:
                return file.read_cached(offset, length)
            except BlockingIOError:
                content = await self._expect(file, offset, length, patient=patient)
                if content is not None:
                    return content
            except CannotTell:
                self._can_tell = False
        return await self._wait_for(file.read, offset, length, patient=patient)

    def _open_cached(self, key: str) -> OpenFile | None:
        try:
            return OpenFile(key, self._files.open_cached(key))
        except BlockingIOError:
            return None

    def _open_waiting(self, key: str) -> OpenFile:
        return OpenFile(key, self._files.open_file(key))

    def _read_waiting(self, key: str, size_bytes: int) -> tuple[bytes, OpenFile]:
        file = self._open_waiting(key)
        file.check_size(size_bytes)
        return file.read(0, size_bytes), file

    def _parse_waiting(self, key: str, parse: Callable[[bytes], Value]) -> Value:
        file = self._open_waiting(key)
        return parse(file.read(0, file.size_bytes))

    async def _expect(
        self, file: OpenFile, offset: int, length: int, *, patient: bool
    ) -> bytes | None:
        with self._place_in_queue(patient=patient):
            return await self._arrivals.await_bytes(file, offset, length)

    async def _wait_for(
        self, call: Callable[..., Value], *arguments: Any, patient: bool = False
    ) -> Value:
        with self._place_in_queue(patient=patient):
            return await self._threads.run(call, *arguments)

    @contextmanager
    def _place_in_queue(self, *, patient: bool) -> Iterator[None]:
        if self.pending >= self._queue and not patient:
            raise ReaderBusy
        self.pending += 1
        try:
            yield
        finally:
            self.pending -= 1
