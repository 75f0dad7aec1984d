"""How the parts of a worker are put together. Nothing listens or runs yet."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientSession
from redis.asyncio import Redis

from edge import families
from edge.access_log import AccessLog
from edge.admission import Admission
from edge.config import Config
from edge.content.assets import ASSETS, POINTERS, MediaFile
from edge.content.bodies import Bodies, Place
from edge.content.cache import RamCache
from edge.content.documents import Documents
from edge.content.reader import Reader
from edge.fast_lane import FastLane
from edge.gate.denials import Denials
from edge.limits import AtOnce, BytesInFlight, Clients, ConnectionLimit, Limits, RefusalRate
from edge.media import Media
from edge.metrics import Counters, Source, render_metrics
from edge.process.collector import keep_collecting
from edge.process.health import Readiness
from edge.process.internal import Internal
from edge.process.machine import count_open_files
from edge.protocol import Listener
from edge.routes import Routes
from edge.state.claims import Verifier
from edge.state.keys import Keys, follow_keys
from edge.state.lease_store import LeaseStore
from edge.state.refusal_feed import RefusalFeed
from edge.state.revocation_stream import RevocationStream
from edge.state.revocation_view import RevocationView
from edge.state.revocations import Revocations
from edge.state.session_table import SessionTable
from edge.state.sessions import Sessions
from edge.watchdog import Deadlines, Watchdog
from shared.runtime.store.local import LocalStore

_FOR_BODIES: Final = 4
"""Of the files it may open, one in so many may be a body's; connections need most."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of, as far as it is run, asked or closed."""

    keys: Keys
    reader: Reader
    sessions: Sessions
    refusals: RefusalFeed
    revocations: Revocations
    access_log: AccessLog
    readiness: Readiness
    listener: Listener
    watchdog: Watchdog
    internal: Internal

    def loops(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What goes on for as long as the worker serves."""
        return (
            self.keys.keep_fresh(),
            self.access_log.keep_writing(),
            self.watchdog.keep_looking(),
            self.sessions.keep_leases(),
            self.sessions.follow_news(),
            self.refusals.keep_sending(),
            self.revocations.keep_listening(),
            self.revocations.keep_in_step(),
            keep_collecting(),
        )


def assemble(
    config: Config,
    *,
    session: ClientSession,
    redis: Redis,
    turns: AbstractContextManager[None],
) -> Parts:
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
    access_log, counters = AccessLog(turns=turns), Counters()
    verifier, denials = Verifier(keys), Denials()
    sessions = Sessions(SessionTable(), LeaseStore(redis))
    revocations = Revocations(
        denials,
        stream=RevocationStream(redis),
        view=RevocationView(config.database_url.get_secret_value()),
    )
    limits = _set_limits(config)
    assets = Documents(ASSETS, reader, clock=clock)
    bodies = Bodies(reader, cache, most_open=count_open_files() // _FOR_BODIES)
    media = Media(
        verifier=verifier,
        admission=Admission(sessions, denials, config.trusted_proxies),
        assets=assets,
        pointers=Documents(POINTERS, reader, clock=clock),
        bodies=bodies,
        limits=limits,
    )
    fast_lane = FastLane(
        verifier=verifier,
        sessions=sessions.table,
        denials=denials,
        assets=assets,
        bodies=bodies,
        cache=cache,
        turns=limits.session_requests,
        counters=counters,
        access_log=access_log,
    )
    readiness = Readiness(
        store.check_reachable,
        needed={"keys": lambda: bool(keys.current)},
        wished={
            "leases": lambda: sessions.healthy,
            "revocation stream": lambda: revocations.redis.is_up,
            "revocation view": lambda: revocations.postgres.is_up,
        },
    )
    refusals = RefusalFeed(redis)
    origins = frozenset(config.credential_origins)
    routes = Routes(media, counters, access_log, limits, refusals, credential_origins=origins)
    listener = Listener(routes.answer, routes.observe, lane=fast_lane, limit=limits.connections)
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
        partial(families.collect_refusal_feed, refusals),
        partial(families.collect_sessions, sessions),
        partial(families.collect_revocations, revocations),
    )
    internal = Internal(readiness.check, partial(_render, sources))
    return Parts(
        keys,
        reader,
        sessions,
        refusals,
        revocations,
        access_log,
        readiness,
        listener,
        watchdog,
        internal,
    )


def _set_limits(config: Config) -> Limits:
    return Limits(
        clients=Clients(config.trusted_proxies),
        connections=ConnectionLimit(config.address_connections, config.trusted_proxies),
        session_requests=AtOnce(config.session_requests),
        client_requests=AtOnce(config.session_requests),
        bytes_in_flight=BytesInFlight(config.in_flight_bytes),
        refusals=RefusalRate(config.refusals_per_s),
    )


async def _render(sources: Sequence[Source]) -> bytes:
    return render_metrics(sources)
