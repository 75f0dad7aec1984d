"""The whole system, started by the command that people use, for tests to drive from outside."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.waiting import wait_for

ROOT: Final = Path(__file__).parents[1]
_START_S: Final = 240
_STOP_S: Final = 60


@dataclass(frozen=True, slots=True)
class Stack:
    """A running system and its state folder."""

    process: subprocess.Popen[bytes]
    state: Path
    control_url: str
    edge_url: str

    @property
    def announced(self) -> dict[str, Any]:
        """What `standalone.json` says at present."""
        document: dict[str, Any] = json.loads((self.state / "standalone.json").read_text())
        return document

    @property
    def output(self) -> str:
        """What a person at the terminal saw."""
        return self.state.with_name("output").read_text()

    def secret(self, name: str) -> str:
        return (self.state / "secrets" / name).read_text().strip()

    def stop(self) -> int:
        """Stop as Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextmanager
def make_state_folder() -> Iterator[Path]:
    """A folder with a short path, which PostgreSQL's account may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-"))
    folder.chmod(0o711)
    try:
        yield folder / "state"
    finally:
        shutil.rmtree(folder)


@contextmanager
def run_stack(state: Path, **settings: str) -> Iterator[Stack]:
    """The system on `state` and two free ports, from the time all of it works."""
    control_port, edge_port = find_free_ports()
    # all tests call from one address
    limits = {
        f"SLUICE_CONTROL_LIMIT_{name}": "100000/min"
        for name in ("ANONYMOUS", "AUTHENTICATED", "AUTH", "PLAYERS")
    }
    ports = {"SLUICE_CONTROL_PORT": str(control_port), "SLUICE_EDGE_PORT": str(edge_port)}
    with start(state, **{**limits, **ports, **settings}) as process:
        stack = Stack(
            process,
            state,
            control_url=f"http://127.0.0.1:{control_port}",
            edge_url=f"http://127.0.0.1:{edge_port}",
        )
        try:
            wait_for(lambda: _is_up(stack), what="the system", within_s=_START_S)
            yield stack
        finally:
            if process.poll() is None:
                stack.stop()


def start(state: Path, *, output: str = "output", **settings: str) -> subprocess.Popen[bytes]:
    """Run `python -m standalone`; what it prints goes to a file beside the state folder."""
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251  (without what tests are told)
        if not name.startswith(("SLUICE_", "DATABASE_URL", "REDIS_URL", "DJANGO_"))
    }
    with state.with_name(output).open("wb") as file:
        return subprocess.Popen(
            (sys.executable, "-m", "standalone"),
            cwd=ROOT,
            env={**inherited, **settings, "SLUICE_STATE": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def find_free_ports() -> tuple[int, int]:
    with ExitStack() as stack:
        servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        for server in servers:
            stack.enter_context(server)
        first, second = (server.getsockname()[1] for server in servers)
    return first, second


def _is_up(stack: Stack) -> bool:
    if stack.process.poll() is not None:
        raise RuntimeError(f"the system did not start:\n{stack.output}")
    return (stack.state / "standalone.json").exists()
