"""Pages that may use the edge's cookies, and those that may not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import HttpUrl
from yarl import URL

from edge.routes import COOKIE_PATH, TAKE_OVER_PATH
from edge.server import open_edge
from tests.edge.edges import World, make_config
from tests.edge.films import ASSET_ID

WATCH = "https://watch.example"
TOKENLESS = f"/v1/a/{ASSET_ID}/video/720/1.m4s"


@pytest.fixture
async def origin(world: World, tmp_path: Path) -> AsyncIterator[str]:
    """A second edge on the same store, for which one origin is named; its URL."""
    config = make_config(
        tmp_path,
        jwks_url=HttpUrl(world.keys.url),
        credential_origins=(WATCH,),
        internal=f"unix:{tmp_path / 'second.sock'}",
    )
    async with open_edge(config) as running:
        yield f"http://127.0.0.1:{running.port}"


async def ask(
    world: World, url: str, *, method: str = "GET", **headers: str
) -> tuple[int, dict[str, Any]]:
    client: ClientSession = world.client
    async with client.request(
        method, URL(url, encoded=True), headers=headers, allow_redirects=False
    ) as answer:
        fields = {name: ", ".join(answer.headers.getall(name)) for name in answer.headers}
        return answer.status, fields


def assert_opened(fields: dict[str, Any]) -> None:
    assert fields["Access-Control-Allow-Origin"] == WATCH
    assert fields["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in fields["Vary"].split(", ")


def assert_not_opened(fields: dict[str, Any]) -> None:
    assert fields["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in fields


async def test_a_named_origin_reads_what_its_cookie_opens(world: World, origin: str) -> None:
    cookie = f"sluice_token={world.signer.issue()}"
    status, fields = await ask(world, origin + TOKENLESS, Origin=WATCH, Cookie=cookie)
    assert status == 200
    assert_opened(fields)


async def test_it_reads_refusals_and_errors_as_well(world: World, origin: str) -> None:
    for method, path, expected in (
        ("GET", TOKENLESS, 403),
        ("PUT", TOKENLESS, 405),
        ("POST", COOKIE_PATH, 403),
        ("POST", TAKE_OVER_PATH, 403),
    ):
        status, fields = await ask(world, origin + path, method=method, Origin=WATCH)
        assert status == expected
        assert_opened(fields)


@pytest.mark.parametrize("path", [TOKENLESS, COOKIE_PATH])
async def test_its_preflights_are_answered_with_its_name(
    world: World, origin: str, path: str
) -> None:
    status, fields = await ask(world, origin + path, method="OPTIONS", Origin=WATCH)
    assert status == 204
    assert_opened(fields)


@pytest.mark.parametrize(
    "other", ["https://evil.example", "null", "https://watch.example.evil.example", WATCH.upper()]
)
async def test_no_other_origin_is_ever_named(world: World, origin: str, other: str) -> None:
    cookie = f"sluice_token={world.signer.issue()}"
    for method in ("GET", "OPTIONS"):
        _, fields = await ask(world, origin + TOKENLESS, method=method, Origin=other, Cookie=cookie)
        assert_not_opened(fields)
        assert "Origin" in fields["Vary"]


async def test_the_path_form_is_the_same_for_everybody(world: World, origin: str) -> None:
    path = f"/v1/{world.signer.issue()}/{ASSET_ID}/video/720/1.m4s"
    _, fields = await ask(world, origin + path, Origin=WATCH)
    assert_not_opened(fields)
    assert "Vary" not in fields


async def test_without_named_origins_nothing_varies_by_origin(world: World) -> None:
    cookie = f"sluice_token={world.signer.issue()}"
    _, fields = await ask(world, world.origin + TOKENLESS, Origin=WATCH, Cookie=cookie)
    assert_not_opened(fields)
    assert "Vary" not in fields
