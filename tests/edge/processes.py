"""`python -m edge` in processes of its own: a parent and its workers."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession

from tests.edge.edges import NOWHERE, POSTGRES_NOWHERE, REDIS_NOWHERE
from tests.edge.films import ISSUER
from tests.edge.inside import ask
from tests.waiting import PAUSE_S


@dataclass(frozen=True)
class Edge:
    """A running edge, whose files all lie in `folder`."""

    process: Process
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "output.log").read_text()

    @property
    def errors(self) -> str:
        return (self.folder / "errors.log").read_text()

    @property
    def messages(self) -> list[str]:
        """What it logged, and is whole."""
        lines = self.errors.splitlines(keepends=True)
        return [json.loads(line)["message"] for line in lines if line.startswith("{")]

    @property
    def port(self) -> int:
        said = next(text for text in self.messages if " serves " in text)
        return int(said.rpartition(":")[2])

    @property
    def workers(self) -> list[int]:
        """The workers' process ids."""
        return list_children(self.process.pid)

    @property
    def internal(self) -> Path:
        return self.folder / "edge.sock"

    async def get_status(self, path: str) -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with ClientSession() as client, client.get(url, allow_redirects=False) as answer:
            await answer.read()
            return answer.status

    async def report(self) -> tuple[int, dict[str, Any]]:
        """What it says of its readiness: a status, and the body."""
        status, text = await ask(self.internal, "/readyz")
        return status, json.loads(text)

    async def end(self, signum: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return await self.process.wait()


def list_children(pid: int) -> list[int]:
    """Ids of the processes that `pid` started and that still run."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def wait_until(check: Callable[[], bool], *, what: str, within_s: float = 20) -> None:
    """Ask again and again until `check` says yes."""
    try:
        async with asyncio.timeout(within_s):
            while not check():  # noqa: ASYNC110  (other processes set no Event)
                await asyncio.sleep(PAUSE_S)
    except TimeoutError as error:
        raise AssertionError(f"waited {within_s:g} s for {what}") from error


def make_environment(folder: Path, **variables: str) -> dict[str, str]:
    return {
        "SLUICE_MEDIA_STORE": str(folder / "media"),
        "SLUICE_ISSUER": ISSUER,
        "SLUICE_EDGE_PORT": "0",
        "SLUICE_EDGE_WORKERS": "2",
        "SLUICE_EDGE_INTERNAL": f"unix:{folder / 'edge.sock'}",
        "REDIS_URL": REDIS_NOWHERE,
        "SLUICE_EDGE_DATABASE_URL": POSTGRES_NOWHERE,
        "SLUICE_EDGE_JWKS_URL": NOWHERE,
        "SLUICE_EDGE_KEYS_FILE": str(folder / "jwks.json"),
        **variables,
    }


async def start(folder: Path, environment: Mapping[str, str], *command: str) -> Edge:
    """Run `python -m edge`, or another command that becomes it. It may end soon."""
    command = command or (sys.executable, "-m", "edge")
    with (folder / "output.log").open("wb") as output, (folder / "errors.log").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=output, stderr=errors
        )
    return Edge(process, folder)


@asynccontextmanager
async def run_edge(folder: Path, *, workers: int = 2, **variables: str) -> AsyncIterator[Edge]:
    """An edge all of whose workers serve."""
    # names of sockets are short: the folder of a test may be too deep for them
    with TemporaryDirectory(prefix="edge-", ignore_cleanup_errors=True) as scratch:
        told = {"SLUICE_EDGE_WORKERS": str(workers), "TMPDIR": scratch, **variables}
        edge = await start(folder, make_environment(folder, **told))
        try:
            await wait_until(lambda: _count_serving(edge) == workers, what="the workers")
            yield edge
        finally:
            if edge.process.returncode is None:
                served = edge.workers
                edge.process.kill()
                await edge.process.wait()
                for worker in served:
                    _let_end(worker)


def _count_serving(edge: Edge) -> int:
    assert edge.process.returncode is None, edge.errors
    return sum(" serves " in message for message in edge.messages)


def _let_end(worker: int) -> None:
    """Workers of a dead parent are told to end; one that a test has stopped cannot heed that."""
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGCONT)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
