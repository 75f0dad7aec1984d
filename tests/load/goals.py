"""What the edge must reach: the table that the benchmark fills in, line by line."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    """Of what is measured: ours, and what it stands against."""

    RATE = "req/CPU-s"
    SECONDS = "s"
    SHARE = "%"
    SPACE = "MB"
    FRAMES = "frames"
    FILMS = "films/h"
    LATENCY = "ms"
    MEMORY = "KB"


@dataclass(frozen=True, slots=True)
class Goal:
    """One line. What counts is our figure divided by the one it stands against, or the figure
    itself where it stands alone. `at_most` says that less is better."""

    row: str
    what: str
    against: str
    least: float
    aim: float | None
    unit: Unit = Unit.RATE
    at_most: bool = False

    @property
    def is_ratio(self) -> bool:
        return bool(self.against)


NGINX: Final = "nginx, no check"
DJANGO: Final = "nginx asking Django"

GOALS: Final = (
    Goal("ram", "2 KB", NGINX, 0.8, 1.0),
    Goal("ram", "300 KB", NGINX, 0.95, 1.1),
    Goal("ram", "2 MB", NGINX, 2.0, 2.5),
    Goal("auth", "2 KB", DJANGO, 55, 70),
    Goal("auth", "300 KB", DJANGO, 13, 17),
    Goal("auth", "2 MB", DJANGO, 3.5, 5),
    Goal("cold", "300 KB, not in RAM", NGINX, 0.5, 0.8),
    Goal("workers", "2 KB, two workers", "one worker", 0.95, 1.0),
    Goal("workers", "300 KB, two workers", "one worker", 0.95, 1.0),
    Goal("memory", "a stalled client", "", 20, 12, unit=Unit.MEMORY, at_most=True),
    Goal("memory", "an idle connection", "", 16, 12, unit=Unit.MEMORY, at_most=True),
    Goal("idle", "p99, 64 of 2,000", "p99, 64 of 64", 1.5, 1.1, unit=Unit.LATENCY, at_most=True),
    Goal("assets", "100,000 assets", "10 assets", 0.95, 1.0),
    Goal("tokens", "300 KB, 1 in 10 new", "no token new", 0.7, 0.85),
)


def goals_of(row: str) -> tuple[Goal, ...]:
    return tuple(goal for goal in GOALS if goal.row == row)
