"""The worker's side of a child: started, heard, timed, and never left behind."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import transcoder
from shared.jobs import HEARTBEAT_INTERVAL_S, MAX_LOG_LENGTH, FailureReason
from transcoder.settings import Limits
from transcoder.work.messages import (
    ChildMessageInvalid,
    ChildTask,
    Failed,
    Finished,
    Progressed,
    parse_message,
)
from transcoder.work.scratch import make_scratch_folder

_POLL_S: Final = 0.25
_READ_BYTES: Final = 65_536
_MAX_LINE_BYTES: Final = 1_000_000

# A process at its limit has this share of it: what it has asked for last was refused.
_FULL: Final = 0.9
_PEAK: Final = re.compile(r"^VmPeak:\s*([0-9]+) kB$", re.MULTILINE)

# The kernel's way of saying that memory, or the time a process may compute, has run out.
_SIGNAL_REASONS: Final = {
    signal.SIGKILL: FailureReason.OUT_OF_MEMORY,
    signal.SIGXCPU: FailureReason.TIMED_OUT,
}
CHILD_TUNING: Final = {
    # NumPy's threads would be in the way of the sandbox, and have nothing to do
    "OPENBLAS_NUM_THREADS": "1",
    # glibc would raise this with the largest block that was ever freed, and keep coded pictures
    # in heaps that never shrink
    "MALLOC_MMAP_THRESHOLD_": "131072",
}
"""What libraries are told of a child that holds large blocks for a short time."""

_CODE_FOLDER: Final = Path(transcoder.__file__).parent.parent


class Child:
    """A running child process, the leader of a process group of its own."""

    def __init__(self, task: ChildTask, scratch: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "transcoder.work.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(_CODE_FOLDER),
                "LANG": "C.UTF-8",
                "HOME": str(scratch),
                "TMPDIR": str(scratch),
                **CHILD_TUNING,
            },
            process_group=0,
        )
        self._messages = b""
        self._log = b""
        self._selector = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                self._selector.register(pipe, selectors.EVENT_READ)
        self._tell(task)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def peak_address_bytes(self) -> int:
        """The most address space that the child has had; 0 when it is gone."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0
        peak = _PEAK.search(status)
        return int(peak[1]) * 1024 if peak else 0

    @property
    def is_open(self) -> bool:
        """Whether the child may still say something."""
        return bool(self._selector.get_map())

    @property
    def log_tail(self) -> str:
        """The end of what the child has printed."""
        return self._log.decode(errors="replace")

    def read(self, timeout_s: float) -> list[Progressed | Finished | Failed]:
        """What the child has said by now; waits for something at most `timeout_s`."""
        for key, _ in self._selector.select(timeout_s):
            content = os.read(key.fd, _READ_BYTES)
            if not content:
                self._selector.unregister(key.fileobj)
            elif key.fileobj is self._process.stdout:
                self._messages += content
            else:
                self._log = (self._log + content)[-MAX_LOG_LENGTH:]
        *lines, self._messages = self._messages.split(b"\n")
        if len(self._messages) > _MAX_LINE_BYTES:
            raise ChildMessageInvalid("a line without end")
        return [parse_message(line) for line in lines]

    def wait(self) -> int:
        """The return code; negative for the signal that ended the child."""
        return self._process.wait()

    def kill(self) -> None:
        """End the child and all it may have started, and take away what is left of it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _tell(self, task: ChildTask) -> None:
        pipe = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(task.model_dump_json().encode())
                pipe.close()
        except BrokenPipeError:
            # it died at once; its return code and log will say why
            pass


@contextmanager
def start_child(task: ChildTask, scratch: Path) -> Iterator[Child]:
    """A child with a scratch folder of its own below `scratch`; both are gone afterwards."""
    with make_scratch_folder(scratch) as folder:
        child = Child(task, folder)
        try:
            yield child
        finally:
            child.kill()


def watch_child(
    child: Child, limits: Limits, *, beat: Callable[[Progressed], None]
) -> Finished | Failed:
    """Listen to a child until it ends or takes too long, and say how it did.

    Calls `beat` with the latest progress at once and then every two seconds; what that raises
    ends the watch. Raises `ChildMessageInvalid` when the child talks nonsense.
    """
    watch = _Watch(limits)
    while child.is_open:
        for message in child.read(_POLL_S):
            watch.hear(message)
        if overtime := watch.find_overtime(child):
            return overtime
        if watch.is_beat_due():
            beat(watch.progress)
    return watch.ending or explain_exit(child.wait())


class _Watch:
    """What has been heard of a child, and when."""

    def __init__(self, limits: Limits) -> None:
        self.progress = Progressed()
        self.ending: Finished | Failed | None = None
        self._limits = limits
        self._began_at = self._heard_at = self._beat_at = time.monotonic()

    def hear(self, message: Progressed | Finished | Failed) -> None:
        self._heard_at = time.monotonic()
        if isinstance(message, Progressed):
            self.progress = message
        else:
            self.ending = message

    def find_overtime(self, child: Child) -> Failed | None:
        now = time.monotonic()
        if now - self._began_at > self._limits.wall_s:
            return _timed_out(f"not done after {self._limits.wall_s} s")
        if now - self._heard_at > self._limits.stall_s:
            return self._explain_stall(child)
        return None

    def _explain_stall(self, child: Child) -> Failed:
        """Libraries may wait for ever for a thread that has died of a lack of memory."""
        detail = f"nothing done in {self._limits.stall_s} s"
        if child.peak_address_bytes < _FULL * self._limits.address_bytes:
            return _timed_out(detail)
        return Failed(reason=FailureReason.OUT_OF_MEMORY, detail=f"{detail}, its memory used up")

    def is_beat_due(self) -> bool:
        due = time.monotonic() >= self._beat_at
        if due:
            self._beat_at = time.monotonic() + HEARTBEAT_INTERVAL_S
        return due


def _timed_out(detail: str) -> Failed:
    return Failed(reason=FailureReason.TIMED_OUT, detail=detail)


def explain_exit(code: int) -> Failed:
    """Why a child ended that did not say how it did; `code` is negative for a signal."""
    if code >= 0:
        return Failed(reason=FailureReason.INTERNAL, detail=f"the encoder ended with {code}")
    killer = signal.Signals(-code)
    reason = _SIGNAL_REASONS.get(killer, FailureReason.INTERNAL)
    return Failed(reason=reason, detail=f"the encoder was ended by {killer.name}")
