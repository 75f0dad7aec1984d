"""The families of metrics, one function for each part of the edge. To add one, write a function
here and name it in `edge.assembly`."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from prometheus_client.core import Metric

from edge.access_log import AccessLog
from edge.content.cache import RamCache
from edge.content.reader import Reader
from edge.fast_lane import FastLane
from edge.limits import Limits
from edge.metrics import Counters, counter, counter_by, counter_by_all, gauge, gauge_by, histogram
from edge.protocol import Listener
from edge.state.keys import Keys
from edge.state.refusal_feed import RefusalFeed
from edge.state.revocations import Revocations
from edge.state.sessions import Sessions
from edge.watchdog import Watchdog


def collect_requests(counters: Counters) -> Iterator[Metric]:
    answers = counters.answers.items()
    requests = [([str(status), kind], tally.answers) for (status, kind), tally in answers]
    sent_bytes = Counter[str]()
    for (_, kind), tally in answers:
        sent_bytes[kind] += tally.sent_bytes
    yield counter_by_all("requests", "Answered requests", ["status", "kind"], requests)
    yield counter_by("problems", "Refusals and errors by code", "code", counters.problems)
    yield counter_by("sent_bytes", "Body bytes sent", "kind", sent_bytes)
    yield gauge("in_flight", "Requests being answered", counters.in_flight)


def collect_cache(cache: RamCache[Any, Any]) -> Iterator[Metric]:
    yield counter("cache_hits", "Files found in RAM", cache.hits)
    yield counter("cache_misses", "Files not found in RAM", cache.misses)
    yield gauge("cache_bytes", "RAM held by files", cache.held_bytes)
    yield gauge("cache_files", "Files held in RAM", len(cache))


def collect_keys(keys: Keys) -> Iterator[Metric]:
    yield gauge("keys", "Keys in force", len(keys.current))
    if keys.fetched_at is not None:
        age = time.time() - keys.fetched_at
        yield gauge("keys_age_seconds", "Since the keys were had last", age)


def collect_reads(reader: Reader) -> Iterator[Metric]:
    yield gauge("reads_pending", "Reads from the store under way", reader.pending)
    yield gauge("store_away", "Whether the store fails and is spared", reader.circuit.is_open)


def collect_access_log(access_log: AccessLog) -> Iterator[Metric]:
    yield counter("access_log_lost", "Access log lines dropped", access_log.lost)


def collect_fast_lane(fast_lane: FastLane) -> Iterator[Metric]:
    yield counter("fast_answers", "Requests answered by the fast lane", fast_lane.answered)


def collect_connections(listener: Listener, watchdog: Watchdog) -> Iterator[Metric]:
    yield gauge("connections", "Open connections", listener.open_connections)
    yield counter_by("connections_cut", "Connections cut by the watchdog", "reason", watchdog.cuts)
    lag_s = watchdog.worst_lag_s
    yield gauge("loop_lag_seconds", "How late the loop woke at worst, in a minute", lag_s)
    yield gauge(
        "tasks", "Tasks of the loop, of which a connection has one", len(asyncio.all_tasks())
    )


def collect_limits(limits: Limits) -> Iterator[Metric]:
    hits = {
        "address_connections": limits.connections.clients.turned_away,
        "session_requests": limits.session_requests.turned_away,
        "client_requests": limits.client_requests.turned_away,
        "in_flight_bytes": limits.bytes_in_flight.turned_away,
        "refusals": limits.refusals.turned_away,
    }
    yield counter_by("limits_hit", "Turned away at a limit", "limit", hits)
    yield gauge("in_flight_bytes", "RAM for bodies on their way", limits.bytes_in_flight.held)


def collect_sessions(sessions: Sessions) -> Iterator[Metric]:
    standings = {one.name.lower(): n for one, n in sessions.count_standings().items()}
    yield gauge_by("sessions", "Sessions known, by where they stand", "standing", standings)
    asked = "Sessions asked about at their beginning"
    yield counter("sessions_asked", asked, sessions.counts["asked"])
    late = "Sessions served without an answer from Redis"
    yield counter("sessions_late", late, sessions.counts["late"])
    refused = {"limit": sessions.counts["limit"], "window_closed": sessions.counts["window_closed"]}
    yield counter_by("sessions_refused", "Sessions that got no place", "standing", refused)
    yield gauge("leases_kept", "Whether Redis answers about leases", sessions.healthy)


def collect_refusal_feed(feed: RefusalFeed) -> Iterator[Metric]:
    yield counter("refusals_told", "Refusals handed to the control plane", feed.sent)
    yield counter("refusals_lost", "Refusals that Redis did not take", feed.lost)


def collect_revocations(revocations: Revocations) -> Iterator[Metric]:
    held = {scope.value: float(count) for scope, count in revocations.denials.count().items()}
    links = {"redis": revocations.redis, "postgres": revocations.postgres}
    up = {name: float(link.is_up) for name, link in links.items()}
    delay, invalid = revocations.delay, revocations.invalid
    yield histogram("revocation_delay_seconds", "From a revocation until it holds here", delay)
    yield gauge_by("revocations", "What is denied", "scope", held)
    yield gauge_by("revocations_up", "Where revocations come from answers", "source", up)
    yield counter("revocations_invalid", "Records that could not be read", invalid)
    if revocations.complete_at is not None:
        age = time.time() - revocations.complete_at
        yield gauge("revocations_age_seconds", "Since all of them were had last", age)
