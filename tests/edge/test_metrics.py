"""Families of metrics, and the text that Prometheus reads."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from edge.metrics import (
    Histogram,
    counter,
    counter_by,
    counter_by_all,
    gauge,
    gauge_by,
    histogram,
    render_metrics,
)


def read_samples(*families: Metric) -> dict[tuple[str, ...], float]:
    def source() -> Iterator[Metric]:
        yield from families

    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(render_metrics([source]).decode())
        for sample in family.samples
    }


def test_every_family_is_the_edges() -> None:
    assert read_samples(
        counter("starts", "Starts", 2),
        counter_by("cuts", "Cuts", "reason", {"stall": 3}),
        counter_by_all("answers", "Answers", ["status", "kind"], [(["200", "video"], 4)]),
        gauge("age", "Age", 0.5),
        gauge_by("sizes", "Sizes", "part", {"a": 1.0}),
    ) == {
        ("sluice_edge_starts_total",): 2,
        ("sluice_edge_cuts_total", "stall"): 3,
        ("sluice_edge_answers_total", "video", "200"): 4,
        ("sluice_edge_age",): 0.5,
        ("sluice_edge_sizes", "a"): 1,
    }


def test_a_histogram_adds_up() -> None:
    delays = Histogram([0.5, 1.0])
    for delay in (0.1, 0.5, 0.7, 3.0):
        delays.observe(delay)
    assert read_samples(histogram("delay_seconds", "Delays", delays)) == {
        ("sluice_edge_delay_seconds_bucket", "0.5"): 2,
        ("sluice_edge_delay_seconds_bucket", "1"): 3,
        ("sluice_edge_delay_seconds_bucket", "+Inf"): 4,
        ("sluice_edge_delay_seconds_count",): 4,
        ("sluice_edge_delay_seconds_sum",): 4.3,
    }


def test_sources_are_asked_anew_every_time() -> None:
    counts = iter([1, 2])

    def source() -> Iterator[Metric]:
        yield counter("asked", "Asked", next(counts))

    assert b"sluice_edge_asked_total 1.0" in render_metrics([source])
    assert b"sluice_edge_asked_total 2.0" in render_metrics([source])
