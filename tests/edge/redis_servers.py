"""A Redis of a test's own, to be stopped, killed and brought back; and one that never answers."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from standalone import redis
from standalone.processes import Child
from standalone.waiting import wait_until

READY_S = 10.0


class OwnRedis:
    """A server whose life the test holds in its hands."""

    def __init__(self, folder: Path) -> None:
        self._server = redis.Redis(
            folder=folder / "redis", sockets=folder / "s", password="secret", durable=False
        )
        self._log = folder / "redis.log"
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return self._server.url

    async def start(self) -> None:
        self._child = Child(redis.describe_program(self._server, self._log))
        await wait_until(
            lambda: redis.takes_commands(self.url), what="the test's Redis", within_s=READY_S
        )

    def kill(self) -> None:
        """It forgets everything."""
        if self._child is not None:
            self._child.bury()
            self._child = None

    def freeze(self) -> None:
        """It takes connections, and says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._child is not None
        os.kill(self._child.pid, number)


@asynccontextmanager
async def serve_own_redis(folder: Path) -> AsyncIterator[OwnRedis]:
    server = OwnRedis(folder)
    await server.start()
    try:
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def serve_silence() -> AsyncIterator[str]:
    """The URL of what takes connections and never answers."""
    writers: list[asyncio.StreamWriter] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()
