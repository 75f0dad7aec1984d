"""How the edge is put together, listens, and stops without cutting off a body."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientSession

from edge import families
from edge.access_log import AccessLog
from edge.assets import ASSETS, POINTERS, MediaFile
from edge.bodies import Bodies, Place
from edge.cache import RamCache
from edge.claims import Verifier
from edge.config import Config
from edge.denials import Denials
from edge.documents import Documents
from edge.health import Readiness
from edge.internal import CannotListen, Internal, listen_inside
from edge.keys import Keys, follow_keys
from edge.media import Media
from edge.metrics import Counters, render_metrics
from edge.protocol import Listener
from edge.reader import Reader
from edge.routes import Routes
from edge.session_table import SessionTable
from shared.runtime.store.local import LocalStore

BACKLOG: Final = 2048


@dataclass(frozen=True, slots=True)
class Running:
    """A serving edge; `port` is the one it got where 0 was asked for."""

    port: int
    readiness: Readiness
    keys: Keys


@dataclass(frozen=True, slots=True)
class _Parts:
    keys: Keys
    reader: Reader
    access_log: AccessLog
    readiness: Readiness
    routes: Routes
    internal: Internal


@asynccontextmanager
async def open_edge(config: Config) -> AsyncIterator[Running]:
    """Serve until the context is left; then drain, and release everything in reverse order.

    Raises `CannotListen`.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        parts = _assemble(config, session)
        stack.callback(parts.reader.close)
        stack.push_async_callback(parts.access_log.flush)
        stack.push_async_callback(parts.keys.settle)
        await parts.keys.load_copy()
        await stack.enter_async_context(listen_inside(config.internal, parts.internal))
        port = await stack.enter_async_context(_listen_to_players(config, parts))
        loops = (parts.keys.keep_fresh(), parts.access_log.keep_writing())
        await stack.enter_async_context(_run_beside(*loops))
        yield Running(port, parts.readiness, parts.keys)


def _assemble(config: Config, session: ClientSession) -> _Parts:
    clock = asyncio.get_running_loop().time
    store = LocalStore(config.media_store)
    reader = Reader(store, threads=config.read_threads, queue=config.read_queue)
    keys = follow_keys(
        session,
        str(config.jwks_url),
        keys_file=config.keys_file,
        issuer=config.issuer,
        clock=clock,
    )
    cache: RamCache[Place, MediaFile] = RamCache(config.cache_bytes)
    access_log, counters = AccessLog(), Counters()
    media = Media(
        verifier=Verifier(keys),
        sessions=SessionTable(),
        denials=Denials(),
        assets=Documents(ASSETS, reader, clock=clock),
        pointers=Documents(POINTERS, reader, clock=clock),
        bodies=Bodies(reader, cache),
        trusted_proxies=config.trusted_proxies,
    )
    readiness = Readiness(
        store.check_reachable, needed={"keys": lambda: bool(keys.current)}, wished={}
    )
    sources = (
        partial(families.collect_requests, counters),
        partial(families.collect_cache, cache),
        partial(families.collect_keys, keys),
        partial(families.collect_reads, reader),
        partial(families.collect_access_log, access_log),
    )

    async def render() -> bytes:
        return render_metrics(sources)

    routes = Routes(media, counters, access_log)
    internal = Internal(readiness.check, render)
    return _Parts(keys, reader, access_log, readiness, routes, internal)


@asynccontextmanager
async def _run_beside(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Endless loops; one that ends in an error ends the edge."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def _listen_to_players(config: Config, parts: _Parts) -> AsyncIterator[int]:
    """The public port, shared with other workers; yields its number."""
    routes = parts.routes
    listener = Listener(routes.answer, routes.observe, keepalive_s=config.keepalive_s)
    try:
        server = await asyncio.get_running_loop().create_server(
            listener, config.host, config.port, reuse_port=True, backlog=BACKLOG
        )
    except OSError as error:
        raise CannotListen(f"{config.host}:{config.port}: {error}") from error
    parts.readiness.serving = True
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        parts.readiness.serving = False
        server.close()
        await listener.drain(config.drain_s)
