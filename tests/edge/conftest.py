"""What the edge's tests share: its event loop, and one edge that serves one film."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop
from aiohttp import ClientSession, DummyCookieJar
from pydantic import HttpUrl, SecretStr
from redis import Redis

from edge.server import open_edge
from shared.runtime.store.local import LocalStore
from tests.edge.edges import World, make_config, serve_keys
from tests.edge.films import SEGMENT_IN_PAGES, Signer, make_film, make_signer, publish_film

FILM = make_film(sizes={SEGMENT_IN_PAGES: 300_000})


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the edge runs on in production."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def wait_for_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no test is about the deadline: a machine may be busy."""
    monkeypatch.setattr("edge.state.sessions.DEADLINE_S", 30.0)


@pytest.fixture
def signer() -> Signer:
    return make_signer()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one film in it, not to be written to."""
    folder = tmp_path_factory.mktemp("published") / "media"
    publish_film(LocalStore(folder), FILM)
    return folder


@pytest.fixture
def edge_redis_url(redis_url: str) -> str:
    """An empty database of the running Redis."""
    url = redis_url.replace("db=0", "db=7")
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
async def world(
    tmp_path: Path, published: Path, signer: Signer, edge_redis_url: str
) -> AsyncIterator[World]:
    """An edge with keys, a film in its store, and a client."""
    # links are enough: a store replaces and removes files, but never writes into one
    shutil.copytree(published, tmp_path / "media", copy_function=os.link)
    store = LocalStore(tmp_path / "media")
    async with (
        serve_keys(signer.jwks()) as keys,
        ClientSession(
            cookie_jar=DummyCookieJar(),
            skip_auto_headers=["Accept-Encoding"],
            auto_decompress=False,
        ) as client,
    ):
        config = make_config(
            tmp_path, jwks_url=HttpUrl(keys.url), redis_url=SecretStr(edge_redis_url)
        )
        config.keys_file.write_bytes(signer.jwks())
        async with open_edge(config) as running:
            yield World(running, tmp_path / "edge.sock", client, keys, store, FILM, signer)
