"""How a worker listens, runs what goes on beside requests, and stops without cutting off a body."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import ClientSession

from edge.access_log import NOBODY_ELSE
from edge.assembly import Parts, assemble
from edge.config import Config
from edge.process.health import Readiness
from edge.process.internal import CannotListen, listen_inside
from edge.state.keys import Keys
from edge.state.redis_client import open_redis

BACKLOG: Final = 2048
RECANCEL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Running:
    """A serving edge; `port` is the one it got where 0 was asked for."""

    port: int
    readiness: Readiness
    keys: Keys


@asynccontextmanager
async def open_edge(
    config: Config, *, turns: AbstractContextManager[None] = NOBODY_ELSE
) -> AsyncIterator[Running]:
    """Serve until the context is left; then drain, and release everything in reverse order.
    Whoever shares the output of the access log takes `turns`.

    Raises `CannotListen`.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        redis = await stack.enter_async_context(open_redis(config.redis_url.get_secret_value()))
        parts = assemble(config, session=session, redis=redis, turns=turns)
        stack.callback(parts.reader.close)
        stack.push_async_callback(parts.access_log.flush)
        stack.push_async_callback(parts.keys.settle)
        await parts.keys.load_copy()
        # they go on while bodies that are under way end
        await stack.enter_async_context(_run_beside(*parts.loops()))
        await stack.enter_async_context(listen_inside(config.internal, parts.internal))
        port = await stack.enter_async_context(_listen_to_players(config, parts))
        yield Running(port, parts.readiness, parts.keys)


@asynccontextmanager
async def _run_beside(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Endless loops; one that ends in an error ends the edge with it."""
    body = asyncio.current_task()
    tasks = [asyncio.create_task(loop) for loop in loops]
    for task in tasks:
        task.add_done_callback(lambda ended: ended.cancelled() or (body and body.cancel()))
    try:
        yield
    finally:
        failed = [task for task in tasks if task.done()]
        await _end(tasks)
        for task in failed:
            task.result()


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel until it is heeded: redis-py, while it connects, may lose a cancellation for good."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=RECANCEL_S)


@asynccontextmanager
async def _listen_to_players(config: Config, parts: Parts) -> AsyncIterator[int]:
    """The public port, shared with other workers; yields its number."""
    try:
        server = await asyncio.get_running_loop().create_server(
            parts.listener, config.host, config.port, reuse_port=True, backlog=BACKLOG
        )
    except OSError as error:
        raise CannotListen(f"{config.host}:{config.port}: {error}") from error
    parts.readiness.serving = True
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        parts.readiness.serving = False
        server.close()
        await parts.listener.drain(config.drain_s)
