"""Fixtures of the running whole seen through nginx."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from standalone.api import Api
from tests.nginx_front import CONTROL_NAME, EDGE_NAME, Front, list_programs, open_front
from tests.stack import Stack


@pytest.fixture
async def front(stack: Stack, tmp_path: Path) -> AsyncIterator[Front]:
    """nginx as in production, before the running system."""
    programs = list_programs()
    if not programs:
        pytest.skip("needs nginx (on Debian and Ubuntu: apt install nginx-light)")
    async with open_front(
        tmp_path / "nginx", programs[0], control=stack.control_url, edge=stack.edge_url
    ) as front:
        yield front


@pytest.fixture
async def visitor(front: Front) -> AsyncIterator[ClientSession]:
    """Somebody at the control plane's name."""
    async with ClientSession(f"http://{CONTROL_NAME}:{front.port}") as session:
        yield session


@pytest.fixture
async def admin(visitor: ClientSession, stack: Stack) -> ClientSession:
    """The visitor, logged in."""
    await Api(visitor).log_in(stack.announced["admin_email"], stack.secret("admin_password"))
    return visitor


@pytest.fixture
async def player(front: Front) -> AsyncIterator[ClientSession]:
    """A player at the edge's name, which takes what comes as it is."""
    async with ClientSession(
        f"http://{EDGE_NAME}:{front.port}",
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    ) as session:
        yield session


@pytest.fixture
def playback_path(stack: Stack) -> str:
    return str(urlsplit(stack.announced["playback_url"]).path)
