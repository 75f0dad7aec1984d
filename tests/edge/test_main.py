"""`python -m edge` as a process: how it begins, what it logs, how it ends."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from shared.paths import Kind
from shared.runtime.store.local import LocalStore
from tests.edge.edges import NOWHERE, POSTGRES_NOWHERE, REDIS_NOWHERE
from tests.edge.films import ASSET_ID, ISSUER, Signer, make_film, publish_film

BIG = "download/big.mp4"
BIG_BYTES = 12_000_000


@dataclass
class Worker:
    """A running process; `output` and `errors` are whole once it has ended."""

    process: Process
    port: int
    output: str = ""
    errors: str = ""

    async def get_status(self, path: str) -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with ClientSession() as client, client.get(url, allow_redirects=False) as answer:
            await answer.read()
            return answer.status

    async def end(self, signum: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        output, errors = await self.process.communicate()
        self.output, self.errors = output.decode(), errors.decode()
        return self.process.returncode or 0


def make_environment(folder: Path, **variables: str) -> dict[str, str]:
    return {
        "SLUICE_MEDIA_STORE": str(folder / "media"),
        "SLUICE_ISSUER": ISSUER,
        "SLUICE_EDGE_PORT": "0",
        "SLUICE_EDGE_INTERNAL": f"unix:{folder / 'edge.sock'}",
        "REDIS_URL": REDIS_NOWHERE,
        "SLUICE_EDGE_DATABASE_URL": POSTGRES_NOWHERE,
        "SLUICE_EDGE_JWKS_URL": NOWHERE,
        "SLUICE_EDGE_KEYS_FILE": str(folder / "jwks.json"),
        **variables,
    }


async def start(environment: Mapping[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge", env=environment, stdout=PIPE, stderr=PIPE
    )


@asynccontextmanager
async def run_worker(folder: Path) -> AsyncIterator[Worker]:
    """A worker that says on standard error where it serves."""
    process = await start(make_environment(folder))
    assert process.stderr is not None
    try:
        while b"serving" not in (line := await process.stderr.readline()):
            assert line, "the edge ended before it served"
        yield Worker(process, int(json.loads(line)["message"].rpartition(":")[2]))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def token(tmp_path: Path, store: LocalStore, signer: Signer) -> str:
    publish_film(store, make_film(sizes={BIG: BIG_BYTES}))
    (tmp_path / "jwks.json").write_bytes(signer.jwks())
    return signer.issue(kinds=frozenset({Kind.VIDEO, Kind.DOWNLOAD}), session_id="s-17")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_ends_well_when_told_to(tmp_path: Path, signum: signal.Signals) -> None:
    async with run_worker(tmp_path) as worker:
        assert await worker.get_status("/livez") == 200
        assert await worker.end(signum) == 0
    assert "Traceback" not in worker.errors


async def test_a_body_under_way_is_whole_after_a_stop(tmp_path: Path, token: str) -> None:
    async with run_worker(tmp_path) as worker, ClientSession() as client:
        url = f"http://127.0.0.1:{worker.port}/v1/{token}/{ASSET_ID}/{BIG}"
        async with client.get(url) as answer:
            ending = asyncio.create_task(worker.end())
            body = await answer.read()
        assert await ending == 0
    assert body == make_film(sizes={BIG: BIG_BYTES}).contents[BIG]


async def test_the_log_knows_the_session_and_the_refusal_but_never_the_token(
    tmp_path: Path, token: str, signer: Signer
) -> None:
    refused = signer.issue(max_streams=1)
    async with run_worker(tmp_path) as worker:
        for path in (
            f"/v1/{token}/{ASSET_ID}/main.m3u8",
            f"/v1/a/{ASSET_ID}/main.m3u8?token={token}",
            f"/v1/{refused}/{ASSET_ID}/main.m3u8",
            f"/v1/{token}/nonsense",
            f"/v1/{token}x/{ASSET_ID}/main.m3u8",
        ):
            await worker.get_status(path)
        await worker.end()
    lines = [json.loads(line) for line in worker.output.splitlines()]
    assert [line["status"] for line in lines] == [200, 307, 403, 404, 403]
    assert (lines[0]["sid"], lines[0]["name"]) == ("s-17", "main.m3u8")
    assert lines[2]["code"] == "stream_limit"
    assert len(lines[2]["decision_id"]) == 16
    for part in (*token.split("."), *refused.split(".")):
        assert part not in worker.output + worker.errors


async def test_all_that_is_missing_is_said_before_anything_starts() -> None:
    process = await start({})
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode().splitlines() == [
        "REDIS_URL: missing",
        "SLUICE_EDGE_DATABASE_URL: missing",
        "SLUICE_EDGE_JWKS_URL: missing",
        "SLUICE_EDGE_KEYS_FILE: missing",
        "SLUICE_ISSUER: missing",
        "SLUICE_MEDIA_STORE: missing",
    ]


async def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = await start(make_environment(tmp_path, SLUICE_EDGE_PORT=port))
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert f"127.0.0.1:{port}" in errors.decode().splitlines()[-1]


async def test_an_aiohttp_without_its_c_parser_does_not_start(tmp_path: Path) -> None:
    process = await start(make_environment(tmp_path, AIOHTTP_NO_EXTENSIONS="1"))
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"C parser" in errors
