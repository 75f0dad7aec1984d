"""The internal listener: readiness and metrics."""

import json
import shutil
from pathlib import Path

from aiohttp import ClientSession, UnixConnector
from prometheus_client.parser import text_string_to_metric_families

from edge.server import open_edge
from shared.runtime.store.local import LocalStore
from tests.edge.edges import World, make_config
from tests.edge.films import make_signer


async def ask(socket: Path, path: str) -> tuple[int, str]:
    async with (
        ClientSession(connector=UnixConnector(str(socket))) as client,
        client.get(f"http://edge{path}") as answer,
    ):
        return answer.status, await answer.text()


async def scrape(world: World) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels in the order of their names."""
    _, text = await ask(world.internal, "/metrics")
    return {
        (
            sample.name.removeprefix("sluice_edge_"),
            *(value for _, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_an_edge_with_keys_and_a_store_is_ready(world: World) -> None:
    status, text = await ask(world.internal, "/readyz")
    assert status == 200
    assert json.loads(text) == {"ready": True, "serving": True, "keys": True, "store": True}


async def test_an_edge_that_has_never_seen_a_key_is_not_ready(
    tmp_path: Path, store: LocalStore
) -> None:
    store.check_reachable()
    async with open_edge(make_config(tmp_path)):
        status, text = await ask(tmp_path / "edge.sock", "/readyz")
    assert status == 503
    assert json.loads(text) == {"ready": False, "serving": True, "keys": False, "store": True}


async def test_an_edge_that_lost_its_store_is_not_ready(world: World, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "media")
    status, text = await ask(world.internal, "/readyz")
    assert (status, json.loads(text)["store"]) == (503, False)


async def test_an_edge_that_is_about_to_stop_is_not_ready(world: World) -> None:
    world.running.readiness.draining = True
    status, text = await ask(world.internal, "/readyz")
    assert (status, json.loads(text)["serving"]) == (503, False)


async def test_readiness_and_metrics_are_not_for_players(world: World) -> None:
    for path in ("/readyz", "/metrics"):
        assert (await world.get(path)).status == 404


async def test_there_is_nothing_else_inside(world: World) -> None:
    assert (await ask(world.internal, "/livez"))[0] == 404


async def test_metrics_count_requests_refusals_and_bytes(world: World) -> None:
    for _ in range(3):
        await world.fetch("video/720/1.m4s")
    await world.fetch("poster/poster.jpg", headers={"Range": "bytes=0-9"})
    await world.fetch("main.m3u8", token=make_signer().issue())
    await world.get("/none")
    metrics = await scrape(world)
    assert metrics["requests_total", "video", "200"] == 3
    assert metrics["requests_total", "poster", "206"] == 1
    assert metrics["requests_total", "video", "403"] == 1
    assert metrics["requests_total", "other", "404"] == 1
    assert metrics["problems_total", "token_invalid"] == 1
    assert metrics["problems_total", "not_found"] == 1
    assert metrics["sent_bytes_total", "poster"] == 10
    assert metrics["in_flight",] == 0


async def test_metrics_tell_the_state_of_cache_and_keys(world: World) -> None:
    for _ in range(3):
        await world.fetch("video/720/1.m4s")
    metrics = await scrape(world)
    assert metrics["cache_hits_total",] == 2
    assert metrics["cache_misses_total",] == 1
    assert metrics["cache_files",] == 1
    assert metrics["cache_bytes",] > 3000
    assert metrics["keys",] == 1
    assert 0 <= metrics["keys_age_seconds",] < 60
    assert metrics["reads_pending",] == 0
    assert metrics["access_log_lost_total",] == 0


async def test_requests_that_no_parser_takes_are_counted_and_leave_nothing_in_flight(
    world: World,
) -> None:
    await world.send_raw(b"rubbish\r\n\r\n")
    metrics = await scrape(world)
    assert metrics["requests_total", "other", "400"] == 1
    assert metrics["in_flight",] == 0


async def test_the_internal_listener_may_be_a_port(tmp_path: Path, unused_tcp_port: int) -> None:
    where = f"127.0.0.1:{unused_tcp_port}"
    async with (
        open_edge(make_config(tmp_path, internal=where)),
        ClientSession() as client,
        client.get(f"http://{where}/readyz") as answer,
    ):
        assert answer.status == 503
