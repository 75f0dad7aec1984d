"""Keeps programs running: starts them, starts again the one that ended, stops them."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from standalone.failure import StartFailed
from standalone.guard import Guard
from standalone.logs import read_tail, rotate_log
from standalone.processes import Child, Program
from standalone.waiting import OutOfTime, wait_until

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
# A program that ran for this long was healthy: its end is a new story.
_HEALTHY_S: Final = 60.0
# A program that ends this often before it is ready will not become so.
_PATIENCE: Final = 3
_TAIL_LINES: Final = 15


class Supervisor:
    """The programs that run. `tell` takes a sentence for each that had to be started again."""

    def __init__(self, guard: Guard, tell: Callable[[str], None]) -> None:
        self._guard = guard
        self._tell = tell
        self._children: dict[str, Child] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self._failures: Counter[str] = Counter()

    @property
    def pids(self) -> dict[str, int]:
        """The running processes by name."""
        return {name: child.pid for name, child in self._children.items()}

    @asynccontextmanager
    async def supervising(self) -> AsyncIterator[None]:
        """Notice the ends of children for as long as the block runs."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self._notice_ends)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGCHLD)
            self._guard.dismiss()

    @asynccontextmanager
    async def keeping(self, programs: Sequence[Program]) -> AsyncIterator[None]:
        """Keep programs running for as long as the block runs; stop them together at its end."""
        keepers = []
        try:
            for program in programs:
                rotate_log(program.log)
                child = self._spawn(program)
                keepers.append(asyncio.create_task(self._keep(child)))
            yield
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*(self._stop(program.name) for program in programs))

    async def run(self, program: Program) -> None:
        """Run a program to its end; raise `StartFailed` when it fails."""
        rotate_log(program.log)
        child = self._spawn(program)
        try:
            await self._ends[program.name].wait()
        finally:
            code = self._bury(child)
        if code != 0:
            raise _explain_failure(program, f"{program.name} failed ({describe_end(code)})")

    async def await_ready(
        self, program: Program, check: Callable[[], Awaitable[bool]], *, within_s: float
    ) -> None:
        """Wait until `check` says that the program is ready; raise `StartFailed` if it never is."""
        failures = self._failures[program.name]

        async def is_ready() -> bool:
            if self._failures[program.name] - failures >= _PATIENCE:
                raise _explain_failure(program, f"{program.name} ends as often as it is started")
            return await check()

        try:
            await wait_until(is_ready, what=program.name, within_s=within_s)
        except OutOfTime as error:
            raise _explain_failure(program, f"{program.name} is not ready: {error}") from error

    def kill_all(self) -> None:
        """End everything at once, without grace."""
        for child in self._children.values():
            child.kill()

    async def _keep(self, child: Child) -> None:
        name = child.program.name
        pause_s = _FIRST_PAUSE_S / 2
        while True:
            started_at = time.monotonic()
            await self._ends[name].wait()
            code = self._bury(child)
            self._failures[name] += 1
            healthy = time.monotonic() - started_at > _HEALTHY_S
            pause_s = _FIRST_PAUSE_S if healthy else min(2 * pause_s, _LONGEST_PAUSE_S)
            child = await self._start_again(child.program, pause_s)
            self._tell(f"{name} ended ({describe_end(code)}) and was started again")

    async def _start_again(self, program: Program, pause_s: float) -> Child:
        while True:
            await asyncio.sleep(pause_s)
            try:
                return self._spawn(program)
            except OSError as error:  # no memory, no process to spare: not the program's fault
                self._tell(f"{program.name} cannot be started: {error}")
                pause_s = _LONGEST_PAUSE_S

    def _spawn(self, program: Program) -> Child:
        child = Child(program)
        self._guard.watch(child.pid)
        self._children[program.name] = child
        self._ends[program.name] = asyncio.Event()
        return child

    async def _stop(self, name: str) -> None:
        child = self._children.get(name)
        if child:
            await child.stop()
            self._forget(child)

    def _bury(self, child: Child) -> int:
        code = child.bury()
        self._forget(child)
        return code

    def _forget(self, child: Child) -> None:
        self._guard.forget(child.pid)
        del self._children[child.program.name]

    def _notice_ends(self) -> None:
        self._guard.revive()
        for name, child in self._children.items():
            if child.has_ended():
                self._ends[name].set()


def describe_end(code: int) -> str:
    """An exit code in words; a negative one is a signal's number."""
    return f"exit code {code}" if code >= 0 else f"signal {-code}, {signal.strsignal(-code)}"


def _explain_failure(program: Program, fault: str) -> StartFailed:
    tail = read_tail(program.log, _TAIL_LINES)
    return StartFailed(fault, remedy=f"The end of {program.log}:\n{tail}")
