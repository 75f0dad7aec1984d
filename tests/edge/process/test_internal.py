"""The internal listener of a running edge."""

import json
import shutil
from pathlib import Path

import pytest
from aiohttp import ClientSession

from edge.process.internal import CannotListen
from edge.server import open_edge
from shared.runtime.store.local import LocalStore
from tests.edge.edges import World, make_config
from tests.edge.inside import ask


async def test_an_edge_with_keys_and_a_store_is_ready(world: World) -> None:
    status, text = await ask(world.internal, "/readyz")
    assert status == 200
    assert json.loads(text)["status"] in ("ready", "degraded")


async def test_an_edge_that_has_never_seen_a_key_is_not_ready(
    tmp_path: Path, store: LocalStore
) -> None:
    store.check_reachable()
    async with open_edge(make_config(tmp_path)):
        status, text = await ask(tmp_path / "edge.sock", "/readyz")
    assert status == 503
    report = json.loads(text)
    assert report["status"] == "not ready"
    assert "keys" in report["missing"]
    assert "store" not in report["missing"]


async def test_an_edge_that_lost_its_store_is_not_ready(world: World, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "media")
    status, text = await ask(world.internal, "/readyz")
    assert (status, "store" in json.loads(text)["missing"]) == (503, True)


async def test_an_edge_that_is_about_to_stop_is_not_ready(world: World) -> None:
    world.running.readiness.serving = False
    status, text = await ask(world.internal, "/readyz")
    assert (status, "serving" in json.loads(text)["missing"]) == (503, True)


async def test_readiness_and_metrics_are_not_for_players(world: World) -> None:
    for path in ("/readyz", "/metrics"):
        assert (await world.get(path)).status == 404


async def test_whoever_is_asked_inside_lives(world: World) -> None:
    assert await ask(world.internal, "/livez") == (200, "ok\n")


async def test_there_is_nothing_else_inside(world: World) -> None:
    assert (await ask(world.internal, "/main.m3u8"))[0] == 404


async def test_the_internal_listener_may_be_a_port(tmp_path: Path, unused_tcp_port: int) -> None:
    where = f"127.0.0.1:{unused_tcp_port}"
    async with (
        open_edge(make_config(tmp_path, internal=where)),
        ClientSession() as client,
        client.get(f"http://{where}/readyz") as answer,
    ):
        assert answer.status == 503


async def test_an_internal_socket_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotListen, match="missing"):
        async with open_edge(make_config(tmp_path, internal=f"unix:{tmp_path}/missing/a.sock")):
            pass
