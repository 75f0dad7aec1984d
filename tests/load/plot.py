"""The result as one picture: left the edge beside nginx, right how much of each goal is reached."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from tests.load.results import Line, Verdict, share_of
from tests.load.table import format_figure

_COLOURS: Final = {
    Verdict.AIM: "#1a7f37",
    Verdict.LEAST: "#7fb069",
    Verdict.SHORT: "#d1495b",
    Verdict.SPOILT: "#999999",
}
_NGINX: Final = "nginx, no check"


def draw_lines(lines: Sequence[Line], file: Path) -> None:
    """Write the picture; spoilt lines stand in it without a bar."""
    beside = [line for line in lines if line.goal.against == _NGINX]
    figure, (left, right) = plt.subplots(1, 2, figsize=(15, 1.8 + 0.42 * max(len(lines), 4)))
    _draw_beside_nginx(left, beside)
    _draw_goals(right, lines)
    figure.suptitle("The edge, judging every token, beside nginx, which judges none")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _draw_beside_nginx(axes: Axes, lines: Sequence[Line]) -> None:
    """Requests per CPU-second, nginx being 1."""
    _label_rows(axes, [line.goal.what for line in lines])
    for place, line in enumerate(lines):
        goal = line.goal
        if line.verdict is not Verdict.SPOILT:
            axes.barh(place, line.figure, height=0.5, color=_COLOURS[line.verdict])
            axes.annotate(f" {format_figure(line.figure)}", (line.figure, place), va="center")
        axes.plot([goal.least] * 2, [place - 0.4, place + 0.4], color="black", lw=2)
        axes.plot(goal.aim, place, marker="D", color="black", ms=5, ls="none")
    axes.axvline(1, color="#555555", ls="--", lw=1)
    axes.set_xlim(left=0)
    axes.set_xlabel("requests per CPU-second; nginx = 1 (dashed); | at least, ◆ aim")
    axes.set_title("Beside nginx without any check")


def _draw_goals(axes: Axes, lines: Sequence[Line]) -> None:
    """Each line as a share of the least that is wanted, on a logarithmic scale."""
    _label_rows(axes, [f"{line.goal.row}: {line.goal.what}" for line in lines])
    for place, line in enumerate(lines):
        goal = line.goal
        if line.verdict is not Verdict.SPOILT:
            shares = [share_of(figure, goal.least, goal) for figure in (line.figure, *line.spread)]
            colour = _COLOURS[line.verdict]
            axes.plot(shares[1:], [place] * 2, color=colour, lw=3, alpha=0.5)
            axes.plot(shares[0], place, marker="o", color=colour, ms=9)
        axes.plot(share_of(goal.aim, goal.least, goal), place, marker="D", color="black", ms=5)
        axes.annotate(
            _describe(line), (1.01, place), xycoords=("axes fraction", "data"), va="center"
        )
    axes.axvline(1, color="black", lw=2)
    axes.set_xscale("log")
    axes.set_xlabel(
        "share of the least that is wanted; ◆ aim; bars from the worst round to the best"
    )
    axes.set_title("Beside what it must reach: right of the line is reached")


def _label_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x", alpha=0.3)


def _describe(line: Line) -> str:
    if line.verdict is Verdict.SPOILT:
        return "spoilt"
    unit = "" if line.goal.is_ratio else f" {line.goal.unit}"
    return f"{format_figure(line.figure)}{unit} ({format_figure(line.goal.least)})"
