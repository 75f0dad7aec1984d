"""Medians, ratios and verdicts."""

import json
from dataclasses import replace

import pytest

from tests.load.goals import Goal, Unit
from tests.load.results import Line, Round, Sample, Verdict, describe_lines, share_of

RATIO = Goal("ram", "2 KB", "nginx", least=0.8, aim=1.0)
MEMORY = Goal("memory", "a client", "", least=20, aim=12, unit=Unit.MEMORY, at_most=True)
LATENCY = Goal("idle", "p99", "p99 of few", 1.5, 1.1, unit=Unit.LATENCY, at_most=True)


def measure(goal: Goal, *figures: float, other: float | None = None) -> Line:
    """A line of rounds with these figures, beside the same other one each time."""
    beside = None if other is None else Sample(other)
    return Line(goal, tuple(Round(Sample(figure), beside) for figure in figures))


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    rounds = [(50, 100), (90, 100), (10, 12.5)]
    line = Line(RATIO, tuple(Round(Sample(edge), Sample(other)) for edge, other in rounds))
    assert line.figure == 0.8
    assert (line.ours, line.other) == (50, 100)
    assert line.spread == (0.5, 0.9)


def test_what_stands_alone_is_its_own_median() -> None:
    line = measure(MEMORY, 11, 30, 13)
    assert (line.ours, line.other, line.figure, line.spread) == (13, None, 13, (11, 30))


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (measure(RATIO, 100, other=100), Verdict.AIM),
        (measure(RATIO, 99, other=100), Verdict.LEAST),
        (measure(RATIO, 80, other=100), Verdict.LEAST),
        (measure(RATIO, 79, other=100), Verdict.SHORT),
        (measure(MEMORY, 12), Verdict.AIM),
        (measure(MEMORY, 12.1), Verdict.LEAST),
        (measure(MEMORY, 20.1), Verdict.SHORT),
        (measure(LATENCY, 11, other=10), Verdict.AIM),
        (measure(LATENCY, 15, other=10), Verdict.LEAST),
        (measure(LATENCY, 16, other=10), Verdict.SHORT),
        (measure(MEMORY, 0), Verdict.AIM),
        (measure(replace(RATIO, aim=None), 200, other=100), Verdict.LEAST),
        (measure(RATIO), Verdict.SPOILT),
    ],
    ids=lambda value: None if isinstance(value, Line) else value,
)
def test_a_verdict_knows_which_way_is_better(line: Line, verdict: Verdict) -> None:
    assert line.verdict is verdict


@pytest.mark.parametrize(
    "spoilt",
    [
        Round(Sample(1, "edge: bad"), Sample(1)),
        Round(Sample(1), Sample(1, "nginx: bad")),
        Round(Sample(0, "edge: none"), Sample(0)),
    ],
    ids=["the edge's run", "the other's run", "nothing to divide by"],
)
def test_one_bad_run_spoils_a_line(spoilt: Round) -> None:
    line = Line(RATIO, (Round(Sample(2), Sample(1)), spoilt))
    assert line.verdict is Verdict.SPOILT
    assert line.complaint == spoilt.complaint


def test_a_line_that_was_not_measured_says_why() -> None:
    assert Line(RATIO, (), "the edge did not start").complaint == "the edge did not start"
    assert Line(RATIO, ()).complaint == "nothing was measured"


def test_a_line_was_as_disturbed_as_the_worse_half_of_its_rounds() -> None:
    quiet = Round(Sample(1, strangers=0.1), Sample(1, strangers=0.2))
    loud = Round(Sample(1, strangers=1.5), Sample(1))
    assert Line(RATIO, (quiet, quiet, loud)).strangers == 0.2


def test_shares_are_greater_where_it_is_better() -> None:
    assert share_of(1.6, 0.8, RATIO) == 2
    assert share_of(10, 20, MEMORY) == 2


def test_json_holds_every_round() -> None:
    (described,) = json.loads(json.dumps(describe_lines([measure(RATIO, 50, 60, other=100)])))
    assert described["rounds"] == [{"ours": 50, "other": 100}, {"ours": 60, "other": 100}]
    assert (described["row"], described["what"], described["least"]) == ("ram", "2 KB", 0.8)
    assert (described["figure"], described["verdict"]) == (0.55, "short")


def test_json_of_a_spoilt_line_has_no_figure() -> None:
    (described,) = describe_lines([Line(RATIO, (), "no answer came")])
    assert described["complaint"] == "no answer came"
    assert "figure" not in described
