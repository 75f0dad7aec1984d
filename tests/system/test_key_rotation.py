"""The key that signs is replaced in the running system while people watch: nobody is refused."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
from aiohttp import ClientSession

from control_plane.signing.rotation import REREAD_S, SPREAD_S
from standalone.api import Api
from tests.stack import Stack
from tests.system.audience import UNHARMED, gather_audience
from tests.system.management import find_deployment, manage
from tests.system.test_revocations import start_playback

pytestmark = pytest.mark.system

PAUSE_S: Final = 0.5


@pytest.fixture
async def player(stack: Stack) -> AsyncIterator[ClientSession]:
    async with ClientSession(stack.control_url) as session:
        await Api(session).log_in(stack.announced["admin_email"], stack.secret("admin_password"))
        yield session


def read_kid(playback: dict[str, Any]) -> str:
    header = urlsplit(playback["url"]).path.split("/")[2].partition(".")[0]
    kid: str = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    return kid


def let_time_pass(stack: Stack) -> None:
    """As if the next key, which edges have known since they started, had been published earlier."""
    with psycopg.connect(find_deployment(stack).database_url) as database:
        database.execute(
            "UPDATE signing_signingkey SET since = since - %s WHERE stage = 'next'",
            [timedelta(seconds=SPREAD_S)],
        )


async def fetch(url: str) -> tuple[int, bytes]:
    async with ClientSession() as viewer, viewer.get(url) as answer:
        return answer.status, await answer.read()


async def test_a_rotation_refuses_nobody(stack: Stack, player: ClientSession) -> None:
    before = await start_playback(player, stack)
    status, playlist = await fetch(before["url"])
    assert status == 200
    path = urlsplit(before["url"]).path
    let_time_pass(stack)
    async with gather_audience(stack.edge_url, {path: playlist}) as audience:
        rotation = await asyncio.to_thread(manage, stack, "rotate_keys")
        assert rotation.returncode == 0, rotation.stderr
        async with asyncio.timeout(2 * REREAD_S):
            while True:
                playback = await start_playback(player, stack)
                assert (await fetch(playback["url"]))[0] == 200
                if read_kid(playback) != read_kid(before):
                    break
                await asyncio.sleep(PAUSE_S)
        await audience.notice()
    assert set(audience.outcomes) == UNHARMED
