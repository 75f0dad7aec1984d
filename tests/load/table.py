"""The result as text: one line for each goal."""

from collections.abc import Sequence
from typing import Final

from tests.load.goals import Goal
from tests.load.results import Line

_HEAD: Final = ("", "edge", "other", "", "figure", "rounds", "wanted", "aim", "")
_FORM: Final = "{:<20} {:>9} {:>9} {:<10} {:>7} {:>12} {:>8} {:>6}  {}"

_NOTE: Final = """\
req/CPU-s: requests per second of processor time that all processes of a server used together.
figure: the edge's divided by the other's, median of the rounds' ratios; memory as it is."""


def render_table(lines: Sequence[Line]) -> str:
    text = [_FORM.format(*_HEAD)]
    heading = ""
    for line in lines:
        if (title := _title_of(line.goal)) != heading:
            heading = title
            text.append(title)
        text.append(_render_line(line))
    return "\n".join([*(row.rstrip() for row in text), "", _NOTE, ""])


def format_figure(figure: float) -> str:
    """Three digits that matter, or all that stand before the point."""
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def _title_of(goal: Goal) -> str:
    return f"{goal.row}: against {goal.against}" if goal.is_ratio else f"{goal.row}: for each"


def _render_line(line: Line) -> str:
    goal = line.goal
    bound = "<=" if goal.at_most else ">="
    wanted = f"{bound} {format_figure(goal.least)}"
    if line.complaint:
        figures = ["-", "-", goal.unit, "-", "-"]
        verdict = f"{line.verdict}: {line.complaint}"
    else:
        other = "-" if line.other is None else format_figure(line.other)
        spread = "-".join(map(format_figure, line.spread))
        figures = [format_figure(line.edge), other, goal.unit, format_figure(line.figure), spread]
        verdict = line.verdict
    return _FORM.format(f"  {goal.what}", *figures, wanted, format_figure(goal.aim), verdict)
