"""The last resort: ends every service when the supervisor died without doing so itself.

The kernel tells the leaders of the process groups that their parent died. Their own children it
does not tell; this process ends them, after it removed the announcement, which is true no more.
It is told the groups on standard input, `+<group>` and `-<group>` a line, and knows by the end of
input that the supervisor is gone.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

_PAUSE_S: Final = 0.05


class Guard:
    """The supervisor's side."""

    def __init__(self, announcement: Path, *, grace_s: float = 3) -> None:
        self._options = (str(announcement), str(grace_s))
        self._groups: set[int] = set()
        self._process = _start(*self._options)

    def watch(self, group: int) -> None:
        self._groups.add(group)
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._groups.discard(group)
        self._tell(f"-{group}")

    def revive(self) -> None:
        """Start the guard again if it died, unless it was let go."""
        if not self._input.closed and self._process.poll() is not None:
            self._input.close()
            self._process = _start(*self._options)
            for group in self._groups:
                self._tell(f"+{group}")

    def dismiss(self) -> None:
        """Let it go. A group still watched is ended."""
        self._input.close()
        self._process.wait()

    @property
    def _input(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise ValueError("the guard was started without a pipe")
        return self._process.stdin

    def _tell(self, line: str) -> None:
        # A guard that died is told everything when it is revived.
        with contextlib.suppress(BrokenPipeError):
            self._input.write(f"{line}\n".encode())


def _start(*options: str) -> subprocess.Popen[bytes]:
    """In a session of its own, which no signal to the supervisor's group or terminal reaches."""
    return subprocess.Popen(  # noqa: S603
        (sys.executable, "-P", "-S", __file__, *options),
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def follow_groups(lines: Iterable[str]) -> list[int]:
    """Read until the end of input; the groups that were not taken back, in their order."""
    groups: dict[int, None] = {}
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            groups[group] = None
        else:
            groups.pop(group, None)
    return list(groups)


def end_groups(groups: list[int], *, grace_s: float) -> None:
    """Leave them time to end by themselves, then kill what is left, newest first."""
    deadline = time.monotonic() + grace_s
    while any(map(_signal, groups)) and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
    for group in reversed(groups):
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int = 0) -> bool:
    """Whether anybody of the group is there to take the signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _main(announcement: Path, grace_s: float) -> None:
    groups = follow_groups(sys.stdin)
    announcement.unlink(missing_ok=True)
    end_groups(groups, grace_s=grace_s)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), float(sys.argv[2]))
