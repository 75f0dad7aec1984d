"""What Prometheus may know, and how it is told. The hot path counts in plain integers; a scrape
reads them. The families of each part are in `edge.families`.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from edge.access_log import Visit

Source: TypeAlias = Callable[[], Iterator[Metric]]
"""Where the families of one part come from, as they are now."""

_PREFIX: Final = "sluice_edge"


@dataclass(slots=True)
class Tally:
    """Answers of one sort, and the bytes of their bodies."""

    answers: int = 0
    sent_bytes: int = 0


@dataclass(slots=True)
class Counters:
    """What happened to requests so far, in this process: answers by status and kind."""

    answers: defaultdict[tuple[int, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    problems: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0

    def count(self, visit: Visit) -> None:
        tally = self.answers[visit.status, visit.kind]
        tally.answers += 1
        tally.sent_bytes += visit.sent_bytes
        if visit.note:
            self.problems[visit.note["code"]] += 1


class Histogram:
    """How many values were at most as large as each of `bounds`, which ascend, and their sum."""

    def __init__(self, bounds: Iterable[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


def gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", meaning, value=value)


def gauge_by(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"{_PREFIX}_{name}", meaning, labels=[label])
    for label_value, value in values.items():
        family.add_metric([label_value], value)
    return family


def counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"{_PREFIX}_{name}", meaning, value=value)


def counter_by(name: str, meaning: str, label: str, counts: Mapping[str, int]) -> Metric:
    """`counts` by what the label says."""
    return counter_by_all(name, meaning, [label], (([key], n) for key, n in counts.items()))


def counter_by_all(
    name: str, meaning: str, labels: list[str], counts: Iterable[tuple[Iterable[str], int]]
) -> Metric:
    """`counts` by what the labels say, in their order."""
    family = CounterMetricFamily(f"{_PREFIX}_{name}", meaning, labels=labels)
    for values, count in counts:
        family.add_metric(list(values), count)
    return family


def histogram(name: str, meaning: str, values: Histogram) -> Metric:
    names = [*(f"{bound:g}" for bound in values.bounds), "+Inf"]
    buckets = list(zip(names, accumulate(values.counts), strict=True))
    return HistogramMetricFamily(f"{_PREFIX}_{name}", meaning, buckets, values.sum)


def render_metrics(sources: Iterable[Source]) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(_Sources(tuple(sources)))
    return generate_latest(registry)


class _Sources(Collector):
    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        for source in self._sources:
            yield from source()
