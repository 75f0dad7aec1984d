"""What a program cost: wall clock, processor time of all its threads and children, peak memory."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

from tests.load.processes import parse_busy_seconds
from tests.load.results import RunFailed

_STAT: Final = Path("/proc/stat")
_TOLD: Final = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one program that ended well. `strangers` are the cores that others kept busy meanwhile,
    `output` is what it printed."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    strangers: float = 0.0
    output: str = ""


@dataclass(slots=True)
class Running:
    """A program at work, its output on the way to files in its folder."""

    name: str
    process: "subprocess.Popen[bytes]"
    output: IO[bytes]
    began_s: float
    busy_s: float

    @classmethod
    def start(
        cls, command: Sequence[object], folder: Path, *, cores: Sequence[int] | None = None
    ) -> Self:
        """Start a program in `folder`, on `cores` alone if any are named."""
        folder.mkdir(parents=True, exist_ok=True)
        # the file is read when the program has ended
        output = (folder / f"output-{time.monotonic_ns()}").open("w+b")
        pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))] if cores else []
        process = subprocess.Popen(
            [*pinned, *map(str, command)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},  # noqa: TID251
        )
        return cls(Path(str(command[0])).name, process, output, time.monotonic(), _read_busy_s())

    def finish(self) -> Cost:
        """Wait for the end; raises `RunFailed` unless it was a good one."""
        _, status, usage = os.wait4(self.process.pid, 0)
        wall_s = time.monotonic() - self.began_s
        self.process.returncode = os.waitstatus_to_exitcode(status)
        with self.output:
            self.output.seek(0)
            text = self.output.read().decode(errors="replace")
        if self.process.returncode:
            raise RunFailed(f"{self.name}: {text[-_TOLD:]}")
        cpu_s = usage.ru_utime + usage.ru_stime
        others_s = max(0.0, _read_busy_s() - self.busy_s - cpu_s)
        return Cost(wall_s, cpu_s, usage.ru_maxrss * 1024, others_s / wall_s, text)


def run_measured(command: Sequence[object], folder: Path) -> Cost:
    return Running.start(command, folder).finish()


def python(module: str) -> list[str]:
    """The beginning of a command that runs one of our modules."""
    return [sys.executable, "-m", module]


def _read_busy_s() -> float:
    return parse_busy_seconds(_STAT.read_text())
