"""Workers in processes of their own: killed, stopped, and counted together."""

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from edge.process.internal import CannotListen
from edge.process.workers import Worker, hold_port
from shared.runtime.store.local import LocalStore
from tests.edge.films import ASSET_ID, Signer, make_film, publish_film
from tests.edge.inside import ask, scrape
from tests.edge.processes import Edge, is_running, kill, run_edge, wait_until

SEGMENT = "video/720/big.m4s"
SEGMENT_BYTES = 3_000_000
BIG = "video/1080/big.m4s"
BIG_BYTES = 12_000_000  # more than the kernel buffers
VIEWERS = 12


@pytest.fixture
def segment_path(tmp_path: Path, store: LocalStore, signer: Signer) -> str:
    publish_film(store, make_film(sizes={SEGMENT: SEGMENT_BYTES, BIG: BIG_BYTES}))
    (tmp_path / "jwks.json").write_bytes(signer.jwks())
    return f"/v1/{signer.issue()}/{ASSET_ID}/{SEGMENT}"


class Crowd:
    """Viewers who fetch one segment over and over, each on a connection of his own."""

    def __init__(self, url: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._url = url
        self._leaving = False

    async def watch(self) -> None:
        timeout = ClientTimeout(total=30)
        async with ClientSession(connector=TCPConnector(limit=0), timeout=timeout) as client:
            while not self._leaving:
                self.outcomes[await self._fetch(client)] += 1

    def leave(self) -> None:
        self._leaving = True

    async def _fetch(self, client: ClientSession) -> str:
        """What became of one request. Short bodies do not pass for whole ones."""
        try:
            async with client.get(self._url) as answer:
                head = f"{answer.status}"
                try:
                    body = await answer.read()
                except ClientError:
                    return "truncated"
        except ClientError:
            # a closed port answers at once: do not spin
            await asyncio.sleep(0.01)
            return "not connected"
        return head if len(body) == SEGMENT_BYTES else "short"


@asynccontextmanager
async def gather_crowd(edge: Edge, path: str) -> AsyncIterator[Crowd]:
    crowd = Crowd(f"http://127.0.0.1:{edge.port}{path}")
    async with asyncio.TaskGroup() as group:
        for _ in range(VIEWERS):
            group.create_task(crowd.watch())
        try:
            await wait_until(lambda: crowd.outcomes["200"] > 3 * VIEWERS, what="a load")
            yield crowd
        finally:
            crowd.leave()


async def test_a_worker_that_is_killed_under_load_comes_back_and_the_others_serve_on(
    tmp_path: Path, segment_path: str
) -> None:
    async with run_edge(tmp_path) as edge, gather_crowd(edge, segment_path) as crowd:
        victim, survivor = edge.workers
        kill(victim)
        served = crowd.outcomes["200"]
        await wait_until(lambda: crowd.outcomes["200"] > served + 20, what="answers meanwhile")
        await _await_starts(edge, 3)
        assert survivor in edge.workers
        assert victim not in edge.workers
        crowd.leave()
    # what broke was on the victim's connections, once for each
    assert crowd.outcomes["truncated"] + crowd.outcomes["not connected"] <= 2 * VIEWERS
    assert set(crowd.outcomes) <= {"200", "truncated", "not connected"}


async def test_a_stop_under_load_truncates_no_body(tmp_path: Path, segment_path: str) -> None:
    async with run_edge(tmp_path) as edge, gather_crowd(edge, segment_path) as crowd:
        assert await edge.end() == 0
        crowd.leave()
    assert set(crowd.outcomes) <= {"200", "not connected"}


async def test_a_stop_lets_go_of_a_thousand_idle_connections(tmp_path: Path) -> None:
    async with run_edge(tmp_path) as edge, AsyncExitStack() as stack:
        readers = []
        for _ in range(1000):
            reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
            stack.callback(writer.close)
            readers.append(reader)
            writer.write(b"GET /livez HTTP/1.1\r\nHost: edge\r\n\r\n")
            await reader.readuntil(b"ok\n")
        metrics = await scrape(edge.internal)
        assert sum(metrics["connections", name] for name in ("1", "2")) == 1000
        assert await edge.end() == 0
        assert not any(await asyncio.gather(*(reader.read() for reader in readers)))
    assert "Traceback" not in edge.errors


async def test_readiness_goes_first_when_an_edge_stops(tmp_path: Path, segment_path: str) -> None:
    async with run_edge(tmp_path) as edge, ClientSession() as client:
        url = f"http://127.0.0.1:{edge.port}{segment_path.replace(SEGMENT, BIG)}"
        async with client.get(url) as slow:
            assert (await edge.report())[0] == 200
            ending = asyncio.create_task(edge.end())
            await wait_until(lambda: "worker 1 stops" in edge.messages, what="the drain")
            status, report = await edge.report()
            assert (status, report["status"]) == (503, "not ready")
            assert len(await slow.read()) == BIG_BYTES
        assert await ending == 0


async def test_who_does_not_finish_a_body_in_time_is_cut_off(
    tmp_path: Path, segment_path: str
) -> None:
    async with run_edge(tmp_path, SLUICE_EDGE_DRAIN_S="0.2") as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port, limit=1024)
        path = segment_path.replace(SEGMENT, BIG)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        await reader.readline()
        assert await edge.end() == 0
        assert edge.errors.count("are killed") == 0
        writer.transport.abort()


async def test_workers_that_do_not_heed_are_killed(tmp_path: Path) -> None:
    async with run_edge(tmp_path, SLUICE_EDGE_DRAIN_S="0") as edge:
        stuck = edge.workers[0]
        os.kill(stuck, signal.SIGSTOP)
        assert await edge.end() == 0
    assert not is_running(stuck)
    assert "1 workers did not end in 5 s, and are killed" in edge.messages


async def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    async with run_edge(tmp_path) as edge:
        workers = edge.workers
        kill(edge.process.pid)
    await wait_until(lambda: not any(map(is_running, workers)), what="the workers' end")


@pytest.mark.usefixtures("segment_path")
async def test_one_worker_away_is_degraded_and_says_so(tmp_path: Path) -> None:
    async with run_edge(tmp_path) as edge:
        before = (await edge.report())[1]["missing"].keys()
        os.kill(edge.workers[1], signal.SIGSTOP)
        status, report = await edge.report()
        assert (status, report["status"]) == (200, "degraded")
        missing = report["missing"].keys() - before
        assert missing in ({"worker 1"}, {"worker 2"})


@pytest.mark.usefixtures("segment_path")
async def test_all_workers_away_is_not_ready(tmp_path: Path) -> None:
    async with run_edge(tmp_path) as edge:
        for worker in edge.workers:
            os.kill(worker, signal.SIGSTOP)
        status, report = await edge.report()
        assert (status, report["status"]) == (503, "not ready")


async def test_metrics_of_two_workers_add_up(tmp_path: Path, segment_path: str) -> None:
    async with run_edge(tmp_path) as edge:
        for _ in range(30):
            assert await edge.get_status(segment_path) == 200
        metrics = await scrape(edge.internal)
        counts = [metrics.get(("requests_total", "video", "200", name), 0) for name in ("1", "2")]
        assert sum(counts) == 30
        assert all(counts)
        assert metrics["workers",] == metrics["workers_wanted",] == 2
        assert metrics["worker_restarts_total", "1"] == 0


async def test_a_worker_that_does_not_answer_is_left_out_of_the_metrics_and_counted(
    tmp_path: Path,
) -> None:
    async with run_edge(tmp_path) as edge:
        os.kill(edge.workers[0], signal.SIGSTOP)
        metrics = await scrape(edge.internal)
        assert len([key for key in metrics if key[0] == "in_flight"]) == 1
        silent = [metrics.get(("worker_silent_total", name), 0) for name in ("1", "2")]
        assert sum(silent) == 1


async def test_restarts_are_counted_and_back_off(tmp_path: Path) -> None:
    async with run_edge(tmp_path, workers=1) as edge:
        for starts in (2, 3, 4):
            kill(edge.workers[0])
            await _await_starts(edge, starts)
        assert (await scrape(edge.internal))["worker_restarts_total", "1"] == 3
        pauses = [
            float(text.split()[-2]) for text in edge.messages if text.startswith("worker 1 ended")
        ]
    assert len(pauses) == 3
    assert all(
        base / 2 <= pause <= base for pause, base in zip(pauses, (0.25, 0.5, 1), strict=True)
    )


async def test_a_worker_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "missing"))
    worker = Worker(1, tmp_path / "worker-1.sock", {})
    keeping = asyncio.create_task(worker.keep_running())
    await wait_until(lambda: caplog.text.count("cannot be started") == 2, what="another try")
    assert worker.restarts == 1
    assert not worker.is_running
    worker.stop()
    await keeping


async def test_the_parent_lives_by_itself(tmp_path: Path) -> None:
    async with run_edge(tmp_path, workers=1) as edge:
        assert await ask(edge.internal, "/livez") == (200, "ok\n")


def list_files(folder: str) -> list[str]:
    return [path.name for path in Path(folder).rglob("*")]


@pytest.fixture
def temporary() -> Iterator[str]:
    """A folder whose path leaves room for the names of sockets."""
    with TemporaryDirectory() as folder:
        yield folder


async def test_nothing_is_left_of_a_stop(tmp_path: Path, temporary: str) -> None:
    async with run_edge(tmp_path, TMPDIR=temporary) as edge:
        workers = edge.workers
        assert {"worker-1.sock", "worker-2.sock"} <= set(list_files(temporary))
        assert await edge.end() == 0
    assert not any(map(is_running, workers))
    assert not list_files(temporary)


def test_a_held_port_is_not_for_others() -> None:
    with (
        hold_port("127.0.0.1", 0) as port,
        socket.socket() as other,
        pytest.raises(OSError, match="in use"),
    ):
        other.bind(("127.0.0.1", port))


def test_a_port_that_others_have_cannot_be_held() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}"), hold_port("127.0.0.1", port):
            pass


def test_a_held_port_takes_no_connection() -> None:
    with hold_port("127.0.0.1", 0) as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


async def _await_starts(edge: Edge, count: int) -> None:
    await wait_until(
        lambda: sum(" serves " in message for message in edge.messages) == count, what="a worker"
    )
