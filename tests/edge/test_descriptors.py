"""An edge that runs out of file descriptors neither dies nor spins, and recovers."""

import asyncio
import resource
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from tests.edge.inside import ask
from tests.edge.processes import Edge, make_environment, start, wait_until

MOST_FILES = 96
LIVE = b"GET /livez HTTP/1.1\r\nHost: edge\r\n\r\n"


@asynccontextmanager
async def run_poor_edge(folder: Path) -> AsyncIterator[Edge]:
    """One worker that may open few files; the limit is handed down from here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limited = (
        "import os, resource, sys;"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({MOST_FILES}, {MOST_FILES}));"
        "os.execv(sys.executable, [sys.executable, '-m', 'edge'])"
    )
    assert hard >= soft > MOST_FILES
    environment = make_environment(folder, SLUICE_EDGE_WORKERS="1", PYTHONPATH=".")
    edge = await start(folder, environment, sys.executable, "-c", limited)
    try:
        await wait_until(lambda: " serves " in edge.errors, what="the worker")
        yield edge
    finally:
        await edge.end()


def measure_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def test_connections_beyond_the_descriptors_are_turned_away_and_nothing_spins(
    tmp_path: Path,
) -> None:
    loop = asyncio.get_running_loop()
    async with run_poor_edge(tmp_path) as edge:
        (worker,) = edge.workers
        with ExitStack() as stack:
            for _ in range(2 * MOST_FILES):
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                await loop.sock_connect(client, ("127.0.0.1", edge.port))
            turned_away = 0
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", edge.port)) as late:
                    late.setblocking(False)
                    try:
                        turned_away += not await loop.sock_recv(late, 1)
                    except ConnectionResetError:
                        turned_away += 1
            assert turned_away == 3
            before = measure_cpu_s(worker)
            await asyncio.sleep(1)
            assert measure_cpu_s(worker) - before < 0.5
        await wait_until(lambda: edge.workers == [worker], what="the same worker")
        assert await edge.get_status("/livez") == 200
        assert (await ask(edge.internal, "/metrics"))[0] == 200
