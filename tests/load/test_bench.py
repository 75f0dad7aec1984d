"""Rounds: who is measured when, and what comes of a run."""

import io
from pathlib import Path

import pytest

from tests.load.bench import Bench, Run
from tests.load.goals import Goal
from tests.load.progress import Progress
from tests.load.results import Sample
from tests.load.wrk import Answers

GOAL = Goal("ram", "2 KB", "nginx", least=0.8, aim=1.0)
ANSWERS = Answers(requests=600, bytes=1, p50_ms=1.0, p99_ms=7.5, bad=0)


@pytest.fixture
def bench() -> Bench:
    nowhere = Path("/nonexistent")
    return Bench(
        nginx=nowhere,
        wrk=nowhere,
        redis_url="unix:///nonexistent",
        rounds=3,
        seconds=2,
        progress=Progress(io.StringIO(), 100),
    )


def test_both_are_measured_in_every_round_and_take_turns_to_begin(bench: Bench) -> None:
    asked: list[str] = []

    def measure(name: str, figure: float) -> Sample:
        asked.append(name)
        return Sample(figure)

    line = bench.compare(GOAL, lambda: measure("edge", 9.0), lambda: measure("nginx", 10.0))
    assert asked == ["edge", "nginx", "nginx", "edge", "edge", "nginx"]
    assert (line.ours, line.other, line.figure) == (9.0, 10.0, 0.9)


def test_what_stands_alone_is_measured_in_every_round(bench: Bench) -> None:
    figures = iter([3.0, 1.0, 2.0])
    line = bench.compare(GOAL, lambda: Sample(next(figures)))
    assert (line.ours, line.other, line.spread) == (2.0, None, (1.0, 3.0))


def test_a_rate_is_per_second_of_processor_time() -> None:
    run = Run(ANSWERS, cpu_seconds=1.5, strangers=0.3, complaint="")
    assert run.rate == Sample(400.0, "", 0.3)
    assert run.p99 == Sample(7.5, "", 0.3)


def test_a_run_that_used_no_time_is_spoilt() -> None:
    run = Run(ANSWERS, cpu_seconds=0.0, strangers=0.0, complaint="")
    assert run.rate.complaint == "no processor time was used"


def test_a_complaint_follows_the_figures_of_its_run() -> None:
    run = Run(ANSWERS, cpu_seconds=1.0, strangers=0.0, complaint="edge: 1 bad")
    assert run.rate.complaint == run.p99.complaint == "edge: 1 bad"


def test_tokens_are_different_viewers(bench: Bench) -> None:
    assert len({*bench.issue_tokens(3), *bench.issue_tokens(2, first=3)}) == 5
