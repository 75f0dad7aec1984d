"""The result as one picture: the edge beside nginx, and how much of each goal is reached."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tests.load.goals import NGINX
from tests.load.results import Line, Verdict, share_of
from tests.load.table import format_figure

_COLOURS: Final = {
    Verdict.AIM: "#1a7f37",
    Verdict.LEAST: "#8bc34a",
    Verdict.SHORT: "#d1495b",
    Verdict.SPOILT: "#bbbbbb",
}
_INK: Final = "#222222"
_ROW_INCHES: Final = 0.42
_SHARES: Final = (0.1, 0.25, 0.5, 1, 2, 4)


def draw_lines(lines: Sequence[Line], file: Path) -> None:
    """Write the picture. Spoilt lines stand in it without a figure."""
    beside = [line for line in lines if line.goal.against == NGINX]
    heights = [max(1, len(beside)) + 2, len(lines) + 2]
    figure, (upper, lower) = plt.subplots(
        2, 1, figsize=(10, _ROW_INCHES * sum(heights) + 1), height_ratios=heights
    )
    upper.set_visible(bool(beside))
    _draw_beside_nginx(upper, beside)
    _draw_goals(lower, lines)
    figure.legend(handles=_list_marks(), loc="lower center", ncols=6, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _draw_beside_nginx(axes: Axes, lines: Sequence[Line]) -> None:
    """Requests per CPU-second, those of nginx being 1."""
    _prepare(axes, "Work for the same processor time: nginx without any check is 1", lines)
    for place, line in enumerate(lines):
        goal = line.goal
        if not line.complaint:
            axes.barh(place, line.figure, height=0.55, color=_COLOURS[line.verdict])
        axes.plot([goal.least] * 2, [place - 0.38, place + 0.38], color=_INK, lw=2.5)
        if goal.aim is not None:
            axes.plot(goal.aim, place, marker="D", color=_INK, ms=5, zorder=5)
    axes.axvline(1, color=_INK, ls="--", lw=1)
    axes.set_xlim(left=0)


def _draw_goals(axes: Axes, lines: Sequence[Line]) -> None:
    """Every line as a share of the least that is wanted of it."""
    _prepare(axes, "Share of what is wanted: from 1 on it is reached", lines)
    axes.set_xscale("log", base=2)
    axes.set_xticks(_SHARES, [f"{share:g}" for share in _SHARES])
    axes.set_xlim(_SHARES[0], _SHARES[-1])
    axes.axvspan(1, _SHARES[-1], color=_COLOURS[Verdict.AIM], alpha=0.07)
    axes.axvline(1, color=_INK, lw=2.5)
    for place, line in enumerate(lines):
        goal = line.goal
        if goal.aim is not None:
            aim = share_of(goal.aim, goal.least, goal)
            axes.plot(aim, place, marker="D", color=_INK, ms=5, zorder=5)
        if not line.complaint:
            figure, *spread = (
                _clip(share_of(figure, goal.least, goal)) for figure in (line.figure, *line.spread)
            )
            colour = _COLOURS[line.verdict]
            axes.plot(spread, [place] * 2, color=colour, lw=4, alpha=0.5)
            axes.plot(figure, place, marker="o", color=colour, ms=10)


def _prepare(axes: Axes, title: str, lines: Sequence[Line]) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_yticks(range(len(lines)), [f"{line.goal.row}: {line.goal.what}" for line in lines])
    axes.set_ylim(max(1, len(lines)) - 0.4, -0.6)
    axes.grid(axis="x", alpha=0.3)
    for place, line in enumerate(lines):
        axes.annotate(
            _describe(line), (1.02, place), xycoords=("axes fraction", "data"), va="center"
        )


def _clip(share: float) -> float:
    return min(max(share, _SHARES[0]), _SHARES[-1])


def _describe(line: Line) -> str:
    goal = line.goal
    bound = "≤" if goal.at_most else "≥"
    unit = "" if goal.is_ratio else f" {goal.unit}"
    figure = "spoilt" if line.complaint else f"{format_figure(line.figure)}{unit}"
    return f"{figure}  ({bound} {format_figure(goal.least)})"


def _list_marks() -> list[Line2D]:
    colours = [
        Line2D([], [], color=_COLOURS[verdict], marker="o", ls="none", label=verdict)
        for verdict in (Verdict.AIM, Verdict.LEAST, Verdict.SHORT)
    ]
    return [
        *colours,
        Line2D([], [], color=_INK, lw=2.5, label="wanted"),
        Line2D([], [], color=_INK, marker="D", ls="none", ms=5, label="aim"),
        Line2D([], [], color="#888888", lw=4, alpha=0.5, label="all rounds"),
    ]
