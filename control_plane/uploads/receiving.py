"""Taking a request's body as it arrives, to the end of a spool file.

The disk is written in a thread of the request's own: the event loop never waits for it, and
whatever happens to the request, the file is closed after its last write and not during it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, asynccontextmanager, closing
from typing import Final, ParamSpec, TypeVar
from uuid import UUID

from control_plane.errors import Refused
from control_plane.uploads.asgi_types import Receive
from control_plane.uploads.protocol import Checksum
from control_plane.uploads.spool import SpoolFile, lock_spool
from control_plane.uploads.turns import Turn

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class ClientGone(Exception):
    """The connection broke before the body ended; what arrived is kept."""


class Receiver:
    """Appends bodies to the spool file of one upload while it holds the lock."""

    def __init__(self, upload_id: UUID) -> None:
        self._upload_id: Final = upload_id
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="upload")
        self._opened: Final = ExitStack()

    async def receive_body(
        self, receive: Receive, turn: Turn, *, limit: int, checksum: Checksum | None
    ) -> int:
        """Append a body of at most `limit` bytes; the size of the file then.

        Raises `TurnOver`, `ClientGone` and `SpoolFull`, which leave the bytes that arrived, and
        `Refused` for too many or wrong ones, which are cut off again.
        """
        file = await self._run(self._open, checksum)
        try:
            async with aclosing(_read_body(receive, turn, limit=limit)) as body:
                async for chunk in body:
                    await self._run(file.append, chunk)
            return await self._run(file.settle)
        except Refused:
            await self._run(file.undo)
            raise

    async def lock(self) -> None:
        """Raises `SpoolBusy`."""
        await self._run(self._lock)

    async def close(self) -> None:
        """Let go of the files once the thread is done with them."""
        closed = self._thread.submit(self._opened.close)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closed))

    async def _run(
        self,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        return await asyncio.wrap_future(self._thread.submit(function, *args, **kwargs))

    def _lock(self) -> None:
        self._opened.enter_context(lock_spool(self._upload_id))

    def _open(self, checksum: Checksum | None) -> SpoolFile:
        return self._opened.enter_context(closing(SpoolFile(self._upload_id, checksum)))


@asynccontextmanager
async def open_receiver(upload_id: UUID) -> AsyncIterator[Receiver]:
    """A receiver that holds the upload's lock; raises `SpoolBusy`."""
    receiver = Receiver(upload_id)
    try:
        await receiver.lock()
        yield receiver
    finally:
        await receiver.close()


async def _read_body(receive: Receive, turn: Turn, *, limit: int) -> AsyncGenerator[bytes, None]:
    received = 0
    while True:
        message = await turn.wait_for(receive)
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        received += len(chunk)
        if received > limit:
            raise Refused("too_large", status=413, detail="More bytes than the upload has.")
        if chunk:
            yield chunk
        if not message.get("more_body", False):
            return
