"""What is measured of an edge every few seconds, and what a whole run amounts to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.declared import count_statuses, count_undeclared
from tests.edge.inside import scrape
from tests.edge.processes import Edge
from tests.load.processes import cpu_seconds, held_bytes, open_files
from tests.load.trend import Trend, find_trend

Metrics = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """An edge at one moment, all its processes together. `undeclared` are answers of 500 and above
    so far that are none of those that an edge may give."""

    at_s: float
    cpu_s: float
    held_kb: float
    descriptors: int
    tasks: int
    connections: int
    cache_kb: float
    sessions: int
    statuses: Mapping[str, int]
    undeclared: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that must not grow: by how much a minute it may at most in the second half."""

    name: str
    of: Callable[[Sample], float]
    most_per_minute: float


MEASURES: Final = (
    Measure("memory (PSS), KB", lambda sample: sample.held_kb, 150),
    Measure("descriptors", lambda sample: sample.descriptors, 1),
    Measure("tasks", lambda sample: sample.tasks, 1),
    Measure("connections", lambda sample: sample.connections, 1),
    Measure("RAM cache, KB", lambda sample: sample.cache_kb, 150),
    Measure("sessions", lambda sample: sample.sessions, 20),
)


async def take_sample(edge: Edge, at_s: float) -> Sample:
    metrics = await scrape(edge.internal)
    pid = edge.process.pid
    return Sample(
        at_s=at_s,
        cpu_s=cpu_seconds(pid),
        held_kb=held_bytes(pid) / 1024,
        descriptors=open_files(pid),
        tasks=round(add_up(metrics, "tasks")),
        connections=round(add_up(metrics, "connections")),
        cache_kb=add_up(metrics, "cache_bytes") / 1024,
        sessions=round(add_up(metrics, "sessions")),
        statuses=count_statuses(metrics),
        undeclared=count_undeclared(metrics),
    )


def add_up(metrics: Metrics, name: str) -> float:
    """Over all labels, of which one is the worker."""
    return sum(value for (found, *_), value in metrics.items() if found == name)


@dataclass(frozen=True, slots=True)
class Run:
    """Samples under load, one at rest before it and one after it, and what clients saw that they
    should not have."""

    samples: Sequence[Sample]
    before: Sample
    after: Sample
    surprises: Mapping[str, int]

    def find_trends(self) -> Mapping[str, Trend]:
        return {
            measure.name: find_trend([(one.at_s, measure.of(one)) for one in self.samples])
            for measure in MEASURES
        }

    def find_faults(self) -> list[str]:
        """Why the run is not good; empty when it is."""
        trends = self.find_trends()
        faults = [
            f"{measure.name} grew by {trends[measure.name].per_minute:.1f} a minute"
            for measure in MEASURES
            if trends[measure.name].per_minute > measure.most_per_minute
        ]
        for name in ("tasks", "connections"):
            left = getattr(self.after, name) - getattr(self.before, name)
            if left > 0:
                faults.append(f"{left} {name} were left at the end")
        if self.after.undeclared:
            faults.append(f"{self.after.undeclared} undeclared answers of 500 and above")
        return faults + [f"{count} times {what}" for what, count in self.surprises.items()]

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "trends": {name: asdict(trend) for name, trend in self.find_trends().items()},
            "faults": self.find_faults(),
            "before": asdict(self.before),
            "after": asdict(self.after),
            "samples": [asdict(sample) for sample in self.samples],
        }
