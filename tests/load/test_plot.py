"""The picture can be drawn, whatever came of the lines."""

from pathlib import Path

import pytest
from matplotlib import image

from tests.load.goals import GOALS, Goal
from tests.load.plot import draw_lines
from tests.load.results import Line, Round, Sample


def measure(goal: Goal, share: float) -> Line:
    """A line that reaches this share of its goal."""
    figure = goal.least / share if goal.at_most else goal.least * share
    other = Sample(1.0) if goal.is_ratio else None
    return Line(goal, (Round(Sample(figure), other), Round(Sample(figure * 1.1), other)))


@pytest.mark.parametrize(
    "lines",
    [
        [measure(goal, 0.9 + number / 20) for number, goal in enumerate(GOALS)],
        [Line(goal, (), "spoilt") for goal in GOALS],
        [measure(GOALS[0], 1_000), measure(GOALS[1], 0.001)],
        [measure(goal, 1) for goal in GOALS if not goal.is_ratio],
        [],
    ],
    ids=["all", "all spoilt", "beyond the scale", "nothing beside nginx", "none"],
)
def test_it_is_a_picture(tmp_path: Path, lines: list[Line]) -> None:
    draw_lines(lines, tmp_path / "edge.png")
    height, width, _ = image.imread(tmp_path / "edge.png").shape
    assert min(height, width) > 200
