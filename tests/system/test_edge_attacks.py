"""Attacks by slowhttptest on an edge, and normal viewers beside it, who are to notice nothing."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import Callable
from pathlib import Path

import pytest

from standalone.waiting import wait_until
from tests.declared import count_undeclared
from tests.edge.inside import scrape
from tests.load.processes import held_bytes
from tests.system.audience import UNHARMED, VIEWERS, gather_audience
from tests.system.drilled_edge import NAMES, Drill, put_film, run_drill

pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("slowhttptest"), reason="needs slowhttptest (apt install slowhttptest)"
    ),
]

LARGE = "video/720/large.m4s"
ATTACKERS = 400
PER_S = 200
ATTACK_S = 10
SETTINGS = {
    "SLUICE_EDGE_HEADER_S": "3",
    "SLUICE_EDGE_KEEPALIVE_S": "3",
    "SLUICE_EDGE_STALL_S": "3",
    "SLUICE_EDGE_ADDRESS_CONNECTIONS": "150",  # per worker: too few for the attackers
}
MOST_KEPT_BYTES = 48 * 1024 * 1024
"""After an attack: the answers that were asked for are a gigabyte."""


async def attack(url: str, options: list[str], log: Path) -> None:
    """From the first address of loopback."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("slowhttptest", "-u", url, "-c", str(ATTACKERS), "-r", str(PER_S)),
            *("-l", str(ATTACK_S), "-p", "3", *options),
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
        )
        await process.wait()


def order_cookie(drill: Drill) -> str:
    return f"{drill.origin}/v1/cookie"


def ask_for_large(drill: Drill) -> str:
    return drill.origin + drill.path(LARGE, session_id="attackers")


@pytest.mark.parametrize(
    ("options", "find_url", "cut"),
    [
        (["-H", "-i", "1", "-x", "8"], ask_for_large, "head"),
        (["-X", "-w", "1", "-y", "64", "-n", "1", "-z", "5", "-k", "3"], ask_for_large, "stall"),
        (["-R", "-t", "GET", "-a", "1", "-b", "900"], ask_for_large, None),
        (["-B", "-i", "1", "-x", "8", "-s", "4000"], order_cookie, None),
    ],
    ids=["heads that never end", "tiny reads", "hundreds of ranges", "bodies that never end"],
)
async def test_viewers_are_unharmed_by(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    options: list[str],
    find_url: Callable[[Drill], str],
    cut: str | None,
) -> None:
    media = tmp_path / "media"
    film = put_film(media, **{LARGE: 3_000_000})
    async with run_drill(tmp_path, film, SETTINGS, media=media) as drill:
        pid = drill.edge.process.pid
        files = {drill.path(name): film.contents[name] for name in NAMES}
        async with gather_audience(drill.origin, files) as audience:
            before_bytes = held_bytes(pid)
            await attack(find_url(drill), options, tmp_path / "attack.log")
            await audience.notice()
            await come_to_rest(drill)
        record_property("p99_ms", round(audience.p99_ms, 1))
        assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
        if cut is not None:
            metrics = await scrape(drill.edge.internal)
            assert all(metrics["connections_cut_total", cut, worker] for worker in "12")
        assert count_undeclared(await scrape(drill.edge.internal)) == 0
        assert held_bytes(pid) - before_bytes < MOST_KEPT_BYTES
    assert "Traceback" not in drill.edge.errors


async def come_to_rest(drill: Drill) -> None:
    """Wait until nobody is connected but the audience."""

    async def is_at_rest() -> bool:
        metrics = await scrape(drill.edge.internal)
        return sum(metrics["connections", worker] for worker in "12") <= VIEWERS

    await wait_until(is_at_rest, what="the attackers' end", within_s=20)
