"""A few threads that wait for the disk in the event loop's place.

An executor does the same through a second future with a lock of its own, for twice the time on the
processor. These threads also never hold up the process's end: a dead network disk may.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Value = TypeVar("Value")


class _Job:
    """A call, and the future of whoever waits for it."""

    __slots__ = ("arguments", "call", "future", "loop")

    def __init__(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.call = call
        self.arguments = arguments
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()

    def do(self) -> None:
        try:
            value = self.call(*self.arguments)
        except BaseException as error:
            self.tell(None, error)
        else:
            self.tell(value, None)
        finally:
            # an error's traceback would hold the job, and with it an open file
            del self

    def tell(self, value: object, error: BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            self.loop.call_soon_threadsafe(_settle, self.future, value, error)


class Threads:
    """`count` threads, started when there is something to do."""

    def __init__(self, count: int, *, name: str) -> None:
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = [
            threading.Thread(
                target=_work, args=(self._queue,), name=f"{name}-{number}", daemon=True
            )
            for number in range(count)
        ]
        self._started = False
        self._closed = False

    async def run(self, call: Callable[..., Value], *arguments: Any) -> Value:
        """What `call` returns or raises in a thread."""
        return await self._submit(call, arguments)

    def close(self) -> None:
        """Give up what waits, let end what is under way, and wait for neither."""
        self._closed = True
        with suppress(Empty):
            while job := self._queue.get_nowait():
                job.future.cancel()
        for _ in self._threads:
            self._queue.put(None)

    def _submit(
        self, call: Callable[..., Value], arguments: tuple[Any, ...]
    ) -> asyncio.Future[Value]:
        if self._closed:
            raise RuntimeError("these threads were closed")
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        job = _Job(call, arguments)
        self._queue.put(job)
        return job.future


def _work(queue: SimpleQueue[_Job | None]) -> None:
    while job := queue.get():
        job.do()
        # or what was read last would be held until something else is read
        del job


def _settle(future: asyncio.Future[Any], value: object, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
