"""What was measured, line by line, and what it amounts to: medians, ratios, verdicts, JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import inf
from statistics import median
from typing import Any

from tests.load.goals import Goal


class RunFailed(Exception):
    """A run that could not be made; the text says what went wrong."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The figure of one run; `complaint` says why it is worth nothing. `strangers` are the cores
    that other programs kept busy meanwhile."""

    figure: float
    complaint: str = ""
    strangers: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """Runs side by side: ours, and the one that it stands against."""

    ours: Sample
    other: Sample | None = None

    @property
    def figure(self) -> float:
        """The ratio where there are two, else our own figure."""
        return self.ours.figure / self.other.figure if self.other else self.ours.figure

    @property
    def complaint(self) -> str:
        return self.ours.complaint or (self.other.complaint if self.other else "")

    @property
    def strangers(self) -> float:
        return max(self.ours.strangers, self.other.strangers if self.other else 0.0)


class Verdict(StrEnum):
    """How a line stands to its goal."""

    AIM = "aim reached"
    LEAST = "reached"
    SHORT = "short"
    SPOILT = "spoilt"


@dataclass(frozen=True, slots=True)
class Line:
    """A goal and its rounds. Figures are medians over the rounds; the ratio is the median of the
    rounds' ratios, since what disturbs a machine disturbs both halves of a round."""

    goal: Goal
    rounds: tuple[Round, ...]
    failure: str = ""

    @property
    def complaint(self) -> str:
        """Why the line is spoilt; empty when it is not."""
        found = (round_.complaint for round_ in self.rounds if round_.complaint)
        return self.failure or next(found, "" if self.rounds else "nothing was measured")

    @property
    def ours(self) -> float:
        return median(round_.ours.figure for round_ in self.rounds)

    @property
    def other(self) -> float | None:
        figures = [round_.other.figure for round_ in self.rounds if round_.other]
        return median(figures) if figures else None

    @property
    def figure(self) -> float:
        return median(round_.figure for round_ in self.rounds)

    @property
    def spread(self) -> tuple[float, float]:
        figures = [round_.figure for round_ in self.rounds]
        return min(figures), max(figures)

    @property
    def strangers(self) -> float:
        return median(round_.strangers for round_ in self.rounds)

    @property
    def verdict(self) -> Verdict:
        if self.complaint:
            return Verdict.SPOILT
        aim = self.goal.aim
        if aim is not None and share_of(self.figure, aim, self.goal) >= 1:
            return Verdict.AIM
        return (
            Verdict.LEAST
            if share_of(self.figure, self.goal.least, self.goal) >= 1
            else Verdict.SHORT
        )


def share_of(figure: float, mark: float, goal: Goal) -> float:
    """How much of a mark is reached; 1 and above is all of it, whichever way the goal looks."""
    if goal.at_most:
        return mark / figure if figure > 0 else inf
    return figure / mark


def describe_lines(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines as JSON holds them; a spoilt one has its complaint and no figure."""
    return [_describe(line) for line in lines]


def _describe(line: Line) -> dict[str, Any]:
    known = {**asdict(line.goal), "verdict": line.verdict, "complaint": line.complaint}
    if line.complaint:
        return known
    rounds = [
        {"ours": round_.ours.figure, "other": round_.other and round_.other.figure}
        for round_ in line.rounds
    ]
    figures = {"ours": line.ours, "other": line.other, "figure": line.figure}
    found = {"spread": line.spread, "strangers": line.strangers, "rounds": rounds}
    return {**known, **figures, **found}
