"""Whose turn it is to send an upload's bytes: in one process, the newest request's.

A client that comes back after a broken connection finds its old request still waiting for bytes
that will never come. The old one gives way: it keeps what it has, and ends.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from control_plane.uploads.asgi_types import Message, Receive

# After this long without a byte the connection is taken for dead.
IDLE_S: Final = 30


class TurnOver(Exception):
    """Nothing more may be taken from this request: it is silent, or a newer one is there."""


class Turn:
    """One request's time to send bytes."""

    def __init__(self) -> None:
        self.ended: Final = asyncio.Event()
        self._is_wanted = False
        self._waiting: asyncio.Timeout | None = None

    async def wait_for(self, receive: Receive, *, idle_s: float = IDLE_S) -> Message:
        """The next message of the request; raises `TurnOver`."""
        if self._is_wanted:
            raise TurnOver
        try:
            async with asyncio.timeout(idle_s) as self._waiting:
                return await receive()
        except TimeoutError as error:
            raise TurnOver from error
        finally:
            self._waiting = None

    def give_way(self) -> None:
        """End the turn as soon as what has arrived is kept."""
        self._is_wanted = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())


class Turns:
    """The turns of this process, by upload."""

    def __init__(self) -> None:
        self._latest: dict[UUID, Turn] = {}

    @asynccontextmanager
    async def take(self, upload_id: UUID) -> AsyncIterator[Turn]:
        """Have the turn, after whoever has it has ended."""
        turn, before = Turn(), self._latest.get(upload_id)
        self._latest[upload_id] = turn
        try:
            if before is not None:
                before.give_way()
                await before.ended.wait()
            yield turn
        finally:
            turn.ended.set()
            if self._latest.get(upload_id) is turn:
                del self._latest[upload_id]
