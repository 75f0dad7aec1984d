"""What a program cost: wall clock, processor time of all its threads and children, peak memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from tests.load.processes import parse_busy_seconds
from tests.load.results import RunFailed

_STAT: Final = Path("/proc/stat")
_WITNESS: Final = (sys.executable, "-IS", Path(__file__).with_name("witness.py"))
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


@dataclass(frozen=True, slots=True)
class Running:
    """A program at work, its output and its cost on the way to files in its folder."""

    name: str
    witness: "subprocess.Popen[bytes]"
    output: IO[bytes]
    told: Path
    began_s: float
    busy_s: float

    @classmethod
    def start(
        cls,
        command: Sequence[object],
        folder: Path,
        *,
        cores: Sequence[int] | None = None,
        tuning: Mapping[str, str] | None = None,
    ) -> Self:
        """Start a program in `folder`, on `cores` alone if any are named, with `tuning` in its
        environment."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = time.monotonic_ns()
        told = folder / f"cost-{stem}.json"
        # the file is read when the program has ended
        output = (folder / f"output-{stem}").open("w+b")
        pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))] if cores else []
        witness = subprocess.Popen(
            [*_WITNESS, told, *pinned, *map(str, command)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), **(tuning or {})},  # noqa: TID251
        )
        return cls(
            Path(str(command[0])).name, witness, output, told, time.monotonic(), _read_busy_s()
        )

    def finish(self) -> Cost:
        """Wait for the end; raises `RunFailed` unless it was a good one."""
        self.witness.wait()
        elapsed_s, busy_s = time.monotonic() - self.began_s, _read_busy_s() - self.busy_s
        with self.output:
            self.output.seek(0)
            text = self.output.read().decode(errors="replace")
        told: dict[str, Any] = json.loads(self.told.read_text()) if self.told.exists() else {}
        if told.get("exit_code") != 0:
            raise RunFailed(f"{self.name}: {text[-_TOLD:]}")
        strangers = max(0.0, busy_s - told["cpu_s"]) / elapsed_s
        return Cost(told["wall_s"], told["cpu_s"], told["peak_bytes"], strangers, text)


def run_measured(command: Sequence[object], folder: Path) -> Cost:
    return Running.start(command, folder).finish()


def python(module: str) -> list[str]:
    """The beginning of a command that runs one of our modules."""
    return [sys.executable, "-m", module]


def _read_busy_s() -> float:
    return parse_busy_seconds(_STAT.read_text())
