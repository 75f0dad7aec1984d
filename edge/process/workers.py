"""The worker processes of this edge: started, started again when they die, and stopped.

The parent holds the port without listening, so that nobody else can take it while a worker is
away; the kernel gives new connections to those workers that listen.
"""

import asyncio
import logging
import os
import random
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edge.process.backoff import Backoff
from edge.process.internal import CannotListen

CANNOT_BEGIN: Final = 2
"""The status of a process that said why it cannot serve, and would say so again."""

KILL_AFTER_S: Final = 5.0
"""How much longer than a drain should take a stop waits before it kills."""

_log = logging.getLogger(__name__)


class CannotBegin(Exception):
    """A worker did not even begin; it has said why."""


@contextmanager
def hold_port(host: str, port: int) -> Iterator[int]:
    """Bind the port that workers share, any free one for 0, and yield its number.

    Raises `CannotListen`.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if held.family == socket.AF_INET6:
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            held.bind((host, port))
        except OSError as error:
            raise CannotListen(f"{host}:{port}: {error}") from error
        yield held.getsockname()[1]


class Worker:
    """One place for a worker, and whoever has it at present. `internal` is its Unix socket."""

    def __init__(self, number: int, internal: Path, environment: Mapping[str, str]) -> None:
        self.name = str(number)
        self.internal = internal
        self.restarts = 0
        self._environment = environment
        self._process: Process | None = None
        self._backoff = Backoff()
        self._stopping = asyncio.Event()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def keep_running(self) -> None:
        """Run until `stop` is called and heeded. Raises `CannotBegin` of the first who has it."""
        while not self._stopping.is_set():
            pause = await self._live()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            self.restarts += not self._stopping.is_set()

    def stop(self) -> None:
        """Ask the process to finish; there will be no other."""
        self._stopping.set()
        if self._process is not None and self.is_running:
            self._process.terminate()

    def kill(self) -> None:
        if self._process is not None and self.is_running:
            self._process.kill()

    async def _live(self) -> float:
        """From start to death; the pause that is due afterwards."""
        clock = asyncio.get_running_loop().time
        born_at = clock()
        try:
            self._process = await self._start()
        except OSError as error:
            # no memory or no process to spare
            return self._choose_pause(0, f"cannot be started: {error}")
        if self._stopping.is_set():
            self._process.terminate()
        status = await self._process.wait()
        if self._stopping.is_set():
            return 0
        if status == CANNOT_BEGIN and self.restarts == 0:
            raise CannotBegin
        return self._choose_pause(clock() - born_at, f"ended with {status}")

    def _choose_pause(self, lived_s: float, fate: str) -> float:
        pause = self._backoff.choose_pause(lived_s=lived_s, chance=random.random())  # noqa: S311
        _log.error("worker %s %s; next in %.2f s", self.name, fate, pause)
        return pause

    async def _start(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edge.worker", self.name, str(os.getpid())),
            env=self._environment,
            stdin=DEVNULL,
        )


async def run_workers(workers: Sequence[Worker], stop: asyncio.Event, *, drain_s: float) -> None:
    """Keep all running until `stop`, then see them end. Raises `CannotBegin`."""
    tasks = [asyncio.create_task(worker.keep_running()) for worker in workers]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    stop.set()
    for worker in workers:
        worker.stop()
    await _await_end(workers, tasks, within_s=drain_s + KILL_AFTER_S)


async def _await_end(
    workers: Sequence[Worker], tasks: Sequence[asyncio.Task[None]], *, within_s: float
) -> None:
    _, late = await asyncio.wait(tasks, timeout=within_s)
    if late:
        _log.error("%d workers did not end in %.0f s, and are killed", len(late), within_s)
        for worker in workers:
            worker.kill()
    await asyncio.gather(*tasks)
