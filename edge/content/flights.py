"""Single flight: whoever wants what is being made already waits for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Flights(Generic[Key, Value]):
    """Calls under way, by key. One that waits may be cancelled without harm to the others."""

    def __init__(self) -> None:
        self._tasks: dict[Key, asyncio.Task[Value]] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._tasks

    async def join(self, key: Key, make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """The result of `make()`, begun now unless it is under way; its error is everybody's."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(make())
            task.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _land(self, key: Key, task: asyncio.Task[Value]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            # seen, or asyncio complains of errors when all who waited have left
            task.exception()
