"""How the edge is put together, listens, and stops without cutting off a body."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientSession
from redis.asyncio import Redis

from edge import families
from edge.access_log import AccessLog
from edge.admission import Admission
from edge.assets import ASSETS, POINTERS, MediaFile
from edge.bodies import Bodies, Place
from edge.cache import RamCache
from edge.claims import Verifier
from edge.config import Config
from edge.denials import Denials
from edge.documents import Documents
from edge.fast_lane import FastLane
from edge.health import Readiness
from edge.internal import CannotListen, Internal, listen_inside
from edge.keys import Keys, follow_keys
from edge.lease_store import LeaseStore
from edge.limits import AtOnce, BytesInFlight, Clients, ConnectionLimit, Limits, RefusalRate
from edge.media import Media
from edge.metrics import Counters, render_metrics
from edge.protocol import Listener
from edge.reader import Reader
from edge.redis_client import open_redis
from edge.routes import Routes
from edge.session_table import SessionTable
from edge.sessions import Sessions
from edge.watchdog import Deadlines, Watchdog
from shared.runtime.store.local import LocalStore

BACKLOG: Final = 2048
RECANCEL_S: Final = 0.2


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
    sessions: Sessions
    access_log: AccessLog
    readiness: Readiness
    listener: Listener
    watchdog: Watchdog
    internal: Internal


@asynccontextmanager
async def open_edge(config: Config) -> AsyncIterator[Running]:
    """Serve until the context is left; then drain, and release everything in reverse order.

    Raises `CannotListen`.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        redis = await stack.enter_async_context(open_redis(config.redis_url.get_secret_value()))
        parts = _assemble(config, session, redis)
        stack.callback(parts.reader.close)
        stack.push_async_callback(parts.access_log.flush)
        stack.push_async_callback(parts.keys.settle)
        await parts.keys.load_copy()
        loops = (
            parts.keys.keep_fresh(),
            parts.access_log.keep_writing(),
            parts.watchdog.keep_looking(),
            parts.sessions.keep_leases(),
            parts.sessions.follow_news(),
        )
        # they go on while bodies that are under way end
        await stack.enter_async_context(_run_beside(*loops))
        await stack.enter_async_context(listen_inside(config.internal, parts.internal))
        port = await stack.enter_async_context(_listen_to_players(config, parts))
        yield Running(port, parts.readiness, parts.keys)


def _assemble(config: Config, session: ClientSession, redis: Redis) -> _Parts:
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
    verifier, denials = Verifier(keys), Denials()
    sessions = Sessions(SessionTable(), LeaseStore(redis))
    limits = _set_limits(config)
    media = Media(
        verifier=verifier,
        admission=Admission(sessions, denials, config.trusted_proxies),
        assets=Documents(ASSETS, reader, clock=clock),
        pointers=Documents(POINTERS, reader, clock=clock),
        bodies=Bodies(reader, cache),
        limits=limits,
    )
    fast_lane = FastLane(
        verifier=verifier,
        sessions=sessions.table,
        denials=denials,
        cache=cache,
        counters=counters,
        access_log=access_log,
    )
    readiness = Readiness(
        store.check_reachable,
        needed={"keys": lambda: bool(keys.current)},
        wished={"leases": lambda: sessions.healthy},
    )
    routes = Routes(media, counters, access_log, limits)
    listener = Listener(
        routes.answer, routes.observe, answer_fast=fast_lane.answer, limit=limits.connections
    )
    deadlines = Deadlines(head_s=config.header_s, idle_s=config.keepalive_s, stall_s=config.stall_s)
    watchdog = Watchdog(lambda: listener.watched, deadlines, clock=clock)
    sources = (
        partial(families.collect_requests, counters),
        partial(families.collect_cache, cache),
        partial(families.collect_keys, keys),
        partial(families.collect_reads, reader),
        partial(families.collect_access_log, access_log),
        partial(families.collect_fast_lane, fast_lane),
        partial(families.collect_connections, listener, watchdog),
        partial(families.collect_limits, limits),
    )

    async def render() -> bytes:
        return render_metrics(sources)

    internal = Internal(readiness.check, render)
    return _Parts(keys, reader, sessions, access_log, readiness, listener, watchdog, internal)


def _set_limits(config: Config) -> Limits:
    return Limits(
        clients=Clients(config.trusted_proxies),
        connections=ConnectionLimit(config.address_connections, config.trusted_proxies),
        session_requests=AtOnce(config.session_requests),
        client_requests=AtOnce(config.session_requests),
        bytes_in_flight=BytesInFlight(config.in_flight_bytes),
        refusals=RefusalRate(config.refusals_per_s),
    )


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
async def _listen_to_players(config: Config, parts: _Parts) -> AsyncIterator[int]:
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
