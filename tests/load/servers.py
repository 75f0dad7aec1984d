"""Servers under measurement: programs on loopback ports of their own, started and ended here."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.load import processes
from tests.load.results import RunFailed

START_S: Final = 15.0
STOP_S: Final = 30.0

_PAUSE_S: Final = 0.05
_LISTEN: Final = "0A"


class ServerNotStarted(RunFailed):
    """A server ended early, or took too long."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. What it costs is counted over `pids` and all their descendants;
    `find_fault` tells what went wrong inside since it was asked last."""

    name: str
    port: int
    pids: tuple[int, ...]
    find_fault: Callable[[], str] = lambda: ""

    def cpu_seconds(self) -> float:
        return sum(map(processes.cpu_seconds, self.pids))

    def held_bytes(self) -> int:
        return sum(map(processes.held_bytes, self.pids))

    def open_files(self) -> int:
        return sum(map(processes.open_files, self.pids))

    def read_bytes(self) -> int:
        return sum(map(processes.read_bytes, self.pids))


@contextmanager
def run_program(
    command: Sequence[str],
    *,
    output: Path,
    environment: Mapping[str, str],
    is_ready: Callable[[], bool],
) -> Iterator[int]:
    """A program for as long as the block runs; its process id. Raises `ServerNotStarted`."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            env={"PATH": os.defpath, **environment},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(process, is_ready, output)
            yield process.pid
        finally:
            _stop(process)


def find_port() -> int:
    """A port of loopback that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int, *, times: int = 1) -> bool:
    """Whether so many sockets listen on a port: each worker has one of its own."""
    return count_listeners(Path("/proc/net/tcp").read_text(), port) >= times


def count_listeners(table: str, port: int) -> int:
    """In the kernel's table of sockets: the local address is the second column, the state the
    fourth, both hexadecimal."""
    rows = (line.split() for line in table.splitlines()[1:])
    return sum(row[1].endswith(f":{port:04X}") and row[3] == _LISTEN for row in rows)


def wait_until(check: Callable[[], bool], *, within_s: float) -> bool:
    """Whether `check` came true in time."""
    deadline = time.monotonic() + within_s
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_S)
    return True


def _wait_for(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], output: Path) -> None:
    wait_until(lambda: process.poll() is not None or is_ready(), within_s=START_S)
    if process.poll() is not None or not is_ready():
        said = " ".join(output.read_text(errors="replace").split())[-300:]
        raise ServerNotStarted(f"{output.stem} did not start: {said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
