"""Child processes that cannot outlive their parent.

Each is the leader of a process group of its own, so that a Ctrl-C in the terminal reaches only
the supervisor, and so that whatever a service leaves behind can be swept up with it. The kernel
tells a child when its parent dies (prctl(2), PR_SET_PDEATHSIG).
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shared.runtime.lifeline import tie_to_parent
from standalone.private_files import open_private
from standalone.waiting import OutOfTime, wait_until


@dataclass(frozen=True, slots=True)
class Account:
    """An operating system user to run a program as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how to end it.

    `death_signal` is sent when the parent died: nobody waits for a clean end any more.
    `words` are given on standard input, which is empty otherwise.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10
    words: str = ""


class Child:
    """A program that was started."""

    def __init__(self, program: Program) -> None:
        """Start it. Call from the main thread: the death signal follows the parent's thread."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are started from the main thread only")
        self.program = program
        account = program.account
        with open_private(program.log) as log:
            self._popen = subprocess.Popen(  # noqa: S603
                program.command,
                env=program.environment,
                cwd=program.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                process_group=0,
                preexec_fn=partial(tie_to_parent, program.death_signal, os.getpid()),
            )
        _tell(self._popen, program.words)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def has_ended(self) -> bool:
        """Whether the leader ended. It is not reaped yet: its id still belongs to it."""
        if self._popen.returncode is not None:
            return True
        options = os.WEXITED | os.WNOWAIT | os.WNOHANG
        return os.waitid(os.P_PID, self.pid, options) is not None

    async def stop(self) -> int:
        """Ask it to end, wait for as long as its grace lasts, then end what is left."""
        if not self.has_ended():
            # Popen.send_signal would reap a leader that just ended, and its group be forgotten.
            os.kill(self.pid, self.program.stop_signal)
        with contextlib.suppress(OutOfTime):
            await wait_until(
                self._has_ended, what=f"{self.program.name} to end", within_s=self.program.grace_s
            )
        return self.bury()

    def kill(self) -> None:
        """End the whole group at once."""
        if self._popen.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)

    def bury(self) -> int:
        """Kill what is left of the group, reap the leader and return its exit code."""
        self.kill()
        return self._popen.wait()

    async def _has_ended(self) -> bool:
        return self.has_ended()


def _tell(popen: subprocess.Popen[bytes], words: str) -> None:
    """Hand over what fits in a pipe, so that this never waits for a reader."""
    with contextlib.suppress(BrokenPipeError), popen.stdin or contextlib.nullcontext() as pipe:
        if pipe:
            pipe.write(words.encode())
