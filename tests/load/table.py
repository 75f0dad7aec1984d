"""The result as text: one line for each goal, and below it what spoilt a line."""

from collections.abc import Sequence
from typing import Final

from tests.load.goals import Goal
from tests.load.results import Line

_HEAD: Final = ("", "ours", "other", "", "figure", "rounds", "wanted", "aim", "others", "")
_FORM: Final = "{:<28} {:>9} {:>9} {:<10} {:>7} {:>13} {:>8} {:>6} {:>6}  {}"

EDGE_NOTE: Final = """\
req/CPU-s: requests per second of processor time that all processes of a server used together.
figure: ours divided by the other's, median of the rounds' ratios; memory as it is.
others: cores that other programs kept busy meanwhile; from 0.1 on, measure again in peace."""


def render_table(lines: Sequence[Line], note: str) -> str:
    """`note` says what the columns mean."""
    text = [_FORM.format(*_HEAD)]
    heading = ""
    for line in lines:
        if (title := _title_of(line.goal)) != heading:
            heading = title
            text.append(title)
        text.append(_render_line(line))
    return "\n".join([*(row.rstrip() for row in text), "", note, *_list_complaints(lines), ""])


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
    figures = ["-"] * 5 if line.complaint else _render_figures(line)
    strangers = "-" if line.complaint else f"{line.strangers:.1f}"
    aim = "-" if goal.aim is None else format_figure(goal.aim)
    return _FORM.format(f"  {goal.what}", *figures, wanted, aim, strangers, line.verdict)


def _render_figures(line: Line) -> list[str]:
    return [
        format_figure(line.ours),
        "-" if line.other is None else format_figure(line.other),
        line.goal.unit,
        format_figure(line.figure),
        "-".join(map(format_figure, line.spread)),
    ]


def _list_complaints(lines: Sequence[Line]) -> list[str]:
    """Each once, with the lines that it spoilt."""
    spoilt: dict[str, list[str]] = {}
    for line in lines:
        if line.complaint:
            spoilt.setdefault(line.complaint, []).append(f"{line.goal.row} ({line.goal.what})")
    return [f"Spoilt: {', '.join(names)}: {complaint}" for complaint, names in spoilt.items()]
