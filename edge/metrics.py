"""What Prometheus may know. The hot path counts in plain integers; a scrape reads them."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.access_log import AccessLog, Visit
from edge.cache import RamCache
from edge.keys import Keys
from edge.reader import Reader


@dataclass(slots=True)
class Counters:
    """What happened so far, in this process."""

    requests: Counter[tuple[int, str]] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    sent_bytes: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0

    def count(self, visit: Visit) -> None:
        self.requests[visit.status, visit.kind] += 1
        self.sent_bytes[visit.kind] += visit.sent_bytes
        if visit.note:
            self.problems[visit.note["code"]] += 1


@dataclass(frozen=True, slots=True, eq=False)
class EdgeCollector(Collector):
    """The edge's parts as Prometheus metrics."""

    counters: Counters
    keys: Keys
    cache: RamCache[Any, Any]
    reader: Reader
    access_log: AccessLog

    def collect(self) -> Iterator[Metric]:
        yield from self._collect_requests()
        yield from self._collect_cache()
        yield from self._collect_keys()
        yield _gauge("reads_pending", "Reads from the store under way", self.reader.pending)
        yield _counter("access_log_lost", "Access log lines dropped", self.access_log.lost)

    def _collect_requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "sluice_edge_requests", "Answered requests", labels=["status", "kind"]
        )
        for (status, kind), count in self.counters.requests.items():
            requests.add_metric([str(status), kind], count)
        yield requests
        yield _counter_by("problems", "Refusals and errors by code", "code", self.counters.problems)
        yield _counter_by("sent_bytes", "Body bytes sent", "kind", self.counters.sent_bytes)
        yield _gauge("in_flight", "Requests being answered", self.counters.in_flight)

    def _collect_cache(self) -> Iterator[Metric]:
        yield _counter("cache_hits", "Files found in RAM", self.cache.hits)
        yield _counter("cache_misses", "Files not found in RAM", self.cache.misses)
        yield _gauge("cache_bytes", "RAM held by files", self.cache.held_bytes)
        yield _gauge("cache_files", "Files held in RAM", len(self.cache))

    def _collect_keys(self) -> Iterator[Metric]:
        yield _gauge("keys", "Keys in force", len(self.keys.current))
        if self.keys.fetched_at is not None:
            age = time.time() - self.keys.fetched_at
            yield _gauge("keys_age_seconds", "Since the keys were had last", age)


def render_metrics(collector: EdgeCollector) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"sluice_edge_{name}", meaning, value=value)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"sluice_edge_{name}", meaning, value=value)


def _counter_by(name: str, meaning: str, label: str, counts: Counter[str]) -> Metric:
    family = CounterMetricFamily(f"sluice_edge_{name}", meaning, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
