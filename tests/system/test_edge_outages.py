"""What viewers notice of control plane, PostgreSQL and Redis away: nothing. And it all heals."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession

from edge.state.revocations import RECONCILE_S
from shared.paths import asset_prefix
from standalone.waiting import wait_until
from tests.declared import count_undeclared
from tests.edge.inside import ask, scrape
from tests.stack import Stack
from tests.stack_tokens import Ticket, sign
from tests.system.audience import UNHARMED, Audience, gather_audience
from tests.system.management import find_deployment, manage
from tests.system.test_outage import is_whole

pytestmark = [pytest.mark.system, pytest.mark.slow]

NAMES = ("main.m3u8", "poster/poster.jpg", "video/*/playlist.m3u8", "video/*/init.mp4")
HEAL_S = 90
BOUND_S = 2.0
POLL_S = 1.0


@asynccontextmanager
async def watch_demo(stack: Stack) -> AsyncIterator[Audience]:
    """Viewers of the demo film, who are to notice nothing."""
    ticket = sign(stack)
    film = stack.state / "media" / asset_prefix(str(ticket.claims.asset_id))
    files = {
        ticket.url("", name=str(file.relative_to(film))): file.read_bytes()
        for name in NAMES
        for file in film.glob(name)
    }
    assert len(files) >= len(NAMES)
    async with gather_audience(stack.edge_url, files) as audience:
        yield audience
    assert audience.outcomes.keys() <= UNHARMED, audience.outcomes
    assert count_undeclared(await scrape(find_deployment(stack).edge_socket)) == 0


@asynccontextmanager
async def without(stack: Stack, name: str) -> AsyncIterator[None]:
    """A program killed, and started again by the supervisor when the block is left."""
    os.kill(stack.process.pid, signal.SIGSTOP)
    try:
        os.kill(stack.announced["pids"][name], signal.SIGKILL)
        yield
    finally:
        os.kill(stack.process.pid, signal.SIGCONT)


async def heal(stack: Stack, audience: Audience) -> None:
    """Wait for a system that is whole, and an edge that misses nothing."""

    async def is_well() -> bool:
        return await asyncio.to_thread(is_whole, stack) and await find_status(stack) == "ready"

    await wait_until(is_well, what="a whole system", within_s=HEAL_S)
    await audience.notice()


async def find_status(stack: Stack) -> str:
    _, report = await ask(find_deployment(stack).edge_socket, "/readyz")
    return report.split('"status":"')[1].split('"')[0]


async def become_degraded(stack: Stack) -> None:
    async def is_degraded() -> bool:
        return await find_status(stack) == "degraded"

    # PostgreSQL is asked at least that often
    within_s = 2 * RECONCILE_S
    await wait_until(is_degraded, what="an edge that says it is degraded", within_s=within_s)


async def test_viewers_notice_nothing_of_the_control_plane_killed(stack: Stack) -> None:
    async with watch_demo(stack) as audience:
        async with without(stack, "control"):
            await audience.notice()
        await heal(stack, audience)


async def test_without_redis_what_is_revoked_is_read_from_postgres(stack: Stack) -> None:
    async with watch_demo(stack) as audience:
        revoked = sign(stack)
        assert await get_status(stack, revoked) == 200
        async with without(stack, "redis"):
            await become_degraded(stack)
            await revoke(stack, revoked)
            await become_refused(stack, revoked, within_s=BOUND_S + POLL_S)
        await heal(stack, audience)
        assert await get_status(stack, revoked) == 403


async def test_without_postgres_nothing_is_revoked_and_that_is_said(stack: Stack) -> None:
    async with watch_demo(stack) as audience:
        ticket = sign(stack)
        async with without(stack, "postgres"):
            failed = await asyncio.to_thread(
                manage, stack, "revoke", "session", ticket.claims.session_id
            )
            assert failed.returncode == 1
            assert "PostgreSQL is away, and nothing was done" in failed.stderr
            assert "Traceback" not in failed.stderr
            assert await get_status(stack, ticket) == 200
            await become_degraded(stack)
        await heal(stack, audience)
        await revoke(stack, ticket)
        await become_refused(stack, ticket, within_s=BOUND_S)


async def revoke(stack: Stack, ticket: Ticket) -> None:
    done = await asyncio.to_thread(manage, stack, "revoke", "session", ticket.claims.session_id)
    assert done.returncode == 0, done.stderr


async def become_refused(stack: Stack, ticket: Ticket, *, within_s: float) -> None:
    async def is_refused() -> bool:
        return await get_status(stack, ticket) == 403

    await wait_until(is_refused, what="the refusal", within_s=within_s)


async def get_status(stack: Stack, ticket: Ticket) -> int:
    async with ClientSession() as client, client.get(ticket.url(stack.edge_url)) as answer:
        await answer.read()
        return answer.status
