"""The attacks of slowhttptest, beside viewers who are to notice nothing."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest
from aiohttp import ClientSession

from shared.runtime.store.local import LocalStore
from tests.edge.films import ASSET_ID, Signer, make_film, publish_film
from tests.edge.inside import scrape
from tests.edge.processes import Edge, run_edge

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("slowhttptest"), reason="there is no slowhttptest here"),
]

SEGMENT = "video/720/big.m4s"
SEGMENT_BYTES = 3_000_000
ATTACKERS = 400
ATTACK_S = 8


@pytest.fixture
def segment_path(tmp_path: Path, store: LocalStore, signer: Signer) -> str:
    publish_film(store, make_film(sizes={SEGMENT: SEGMENT_BYTES}))
    (tmp_path / "jwks.json").write_bytes(signer.jwks())
    return f"/v1/{signer.issue()}/{ASSET_ID}/{SEGMENT}"


async def attack(url: str, *options: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *("slowhttptest", "-u", url, "-c", str(ATTACKERS), "-r", "200", "-l", str(ATTACK_S)),
        *("-p", "3", *options),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    await process.communicate()


async def watch(edge: Edge, path: str, attacking: asyncio.Task[None]) -> int:
    """Fetch segments for as long as the attack goes on; how many came whole."""
    whole = 0
    async with ClientSession() as client:
        while not attacking.done():
            async with client.get(f"http://127.0.0.1:{edge.port}{path}") as answer:
                assert answer.status == 200
                assert len(await answer.read()) == SEGMENT_BYTES
                whole += 1
            await asyncio.wait([attacking], timeout=0.1)
    return whole


@pytest.mark.parametrize(
    ("options", "cut"),
    [
        (["-H", "-i", "1", "-x", "8"], "head"),
        (["-X", "-w", "1", "-y", "1", "-n", "5", "-z", "1", "-k", "3"], "stall"),
        (["-R", "-a", "1", "-b", "3000"], None),
    ],
    ids=["heads that grow by a byte a second", "windows of one byte", "thousands of ranges"],
)
async def test_viewers_notice_nothing_of(
    tmp_path: Path, segment_path: str, options: list[str], cut: str | None
) -> None:
    limits = {"SLUICE_EDGE_HEADER_S": "2", "SLUICE_EDGE_STALL_S": "3"}
    async with run_edge(tmp_path, workers=1, **limits) as edge:
        workers = edge.workers
        url = f"http://127.0.0.1:{edge.port}{segment_path}"
        attacking = asyncio.create_task(attack(url, *options))
        viewers = [asyncio.create_task(watch(edge, segment_path, attacking)) for _ in range(4)]
        whole = await asyncio.gather(*viewers)
        assert all(whole)
        assert edge.workers == workers
        if cut is not None:
            assert (await scrape(edge.internal))["connections_cut_total", cut, "1"] > 0
        assert "Traceback" not in edge.errors
        assert await edge.end() == 0
