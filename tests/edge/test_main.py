"""`python -m edge`: how it begins, what it logs, how it ends."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession

from shared.paths import Kind
from shared.runtime.store.local import LocalStore
from tests.edge.films import ASSET_ID, Signer, make_film, publish_film
from tests.edge.processes import make_environment, run_edge, start

BIG = "download/big.mp4"
BIG_BYTES = 12_000_000


@pytest.fixture
def token(tmp_path: Path, store: LocalStore, signer: Signer) -> str:
    publish_film(store, make_film(sizes={BIG: BIG_BYTES}))
    (tmp_path / "jwks.json").write_bytes(signer.jwks())
    return signer.issue(kinds=frozenset({Kind.VIDEO, Kind.DOWNLOAD}), session_id="s-17")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_an_edge_ends_well_when_told_to(tmp_path: Path, signum: signal.Signals) -> None:
    async with run_edge(tmp_path) as edge:
        assert await edge.get_status("/livez") == 200
        assert await edge.end(signum) == 0
    assert "Traceback" not in edge.errors


async def test_a_body_under_way_is_whole_after_a_stop(tmp_path: Path, token: str) -> None:
    async with run_edge(tmp_path) as edge, ClientSession() as client:
        url = f"http://127.0.0.1:{edge.port}/v1/{token}/{ASSET_ID}/{BIG}"
        async with client.get(url) as answer:
            ending = asyncio.create_task(edge.end())
            body = await answer.read()
        assert await ending == 0
    assert body == make_film(sizes={BIG: BIG_BYTES}).contents[BIG]


async def test_the_log_knows_the_session_and_the_refusal_but_never_the_token(
    tmp_path: Path, token: str, signer: Signer
) -> None:
    refused = signer.issue(kinds=frozenset({Kind.POSTER}))
    async with run_edge(tmp_path, workers=1) as edge:
        for path in (
            f"/v1/{token}/{ASSET_ID}/main.m3u8",
            f"/v1/a/{ASSET_ID}/main.m3u8?token={token}",
            f"/v1/{refused}/{ASSET_ID}/main.m3u8",
            f"/v1/{token}/nonsense",
            f"/v1/{token}x/{ASSET_ID}/main.m3u8",
        ):
            await edge.get_status(path)
        await edge.end()
    lines = [json.loads(line) for line in edge.output.splitlines()]
    assert [line["status"] for line in lines] == [200, 307, 403, 404, 403]
    assert (lines[0]["sid"], lines[0]["name"]) == ("s-17", "main.m3u8")
    assert lines[2]["code"] == "not_in_scope"
    assert len(lines[2]["decision_id"]) == 16
    for part in (*token.split("."), *refused.split(".")):
        assert part not in edge.output + edge.errors


async def test_all_that_is_missing_is_said_before_anything_starts(tmp_path: Path) -> None:
    edge = await start(tmp_path, {})
    assert await edge.process.wait() == 2
    assert edge.errors.splitlines() == [
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
        edge = await start(tmp_path, make_environment(tmp_path, SLUICE_EDGE_PORT=port))
        assert await edge.process.wait() == 2
    assert edge.errors.splitlines()[0].startswith(f"127.0.0.1:{port}: ")


async def test_a_taken_internal_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        edge = await start(tmp_path, make_environment(tmp_path, SLUICE_EDGE_INTERNAL=where))
        assert await edge.process.wait() == 2
    assert edge.errors.splitlines()[0].startswith(f"{where}: ")


async def test_an_aiohttp_without_its_c_parser_does_not_start(tmp_path: Path) -> None:
    edge = await start(tmp_path, make_environment(tmp_path, AIOHTTP_NO_EXTENSIONS="1"))
    assert await edge.process.wait() == 2
    assert "C parser" in edge.errors
