"""What every row is measured with: a folder, films, both sides, and how long."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from shared.paths import asset_prefix
from shared.report import Report, parse_report
from tests.load.goals import Goal
from tests.load.progress import Progress
from tests.load.results import Line, Round, Sample
from tests.load.transcode.costs import Cost, Running, python
from tests.load.transcode.ffmpeg import transcode_with_ffmpeg
from tests.load.transcode.films import make_film
from tests.load.transcode.own import SETTINGS
from tests.transcoder.orders import ASSET_ID, SOURCE_KEY
from transcoder.input.probe import probe_source
from transcoder.planning.plan import plan_film
from transcoder.work.supervisor import CHILD_TUNING

OWN: Final = "tests.load.transcode.own"

Side: TypeAlias = Callable[[], Cost]


@dataclass(frozen=True, slots=True)
class Made:
    """An asset that was made for a row, and what that cost."""

    folder: Path
    cost: Cost

    @property
    def report(self) -> Report:
        return parse_report((self.folder / "report.json").read_bytes())

    @property
    def steps(self) -> dict[str, float]:
        """Seconds that each step took; of the checks within, processor time."""
        found: dict[str, float] = json.loads(self.cost.output.splitlines()[-1])
        return found


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark; `seconds` is how long the film of the ladder is."""

    folder: Path
    rounds: int
    seconds: int
    progress: Progress
    remarks: list[str] = field(default_factory=list)

    def make_film(self, name: str, **shape: object) -> Path:
        path = self.folder / f"{name}.mp4"
        return path if path.exists() else make_film(path, **shape)  # type: ignore[arg-type]

    def transcode(self, source: Path, name: str, *options: str) -> Made:
        """Ours, in a store of its own."""
        root = self.put(source, name)
        cost = self.start(root, *options).finish()
        return Made(root / asset_prefix(ASSET_ID), cost)

    def put(self, source: Path, name: str) -> Path:
        """A store that holds nothing but the source."""
        root = self.folder / name
        place = root / SOURCE_KEY
        place.parent.mkdir(parents=True)
        place.hardlink_to(source)
        return root

    def start(self, root: Path, *options: str, cores: Sequence[int] | None = None) -> Running:
        command = [*python(OWN), root, *options]
        return Running.start(command, root / "told", cores=cores, tuning=CHILD_TUNING)

    def transcode_with_ffmpeg(self, source: Path, name: str) -> tuple[Path, Cost]:
        """Theirs, with the rungs that our plan has."""
        with source.open("rb") as file:
            rungs = plan_film(probe_source(file, SETTINGS), SETTINGS).rungs
        folder = self.folder / name
        return folder, transcode_with_ffmpeg(source, rungs, folder, preset=SETTINGS.preset)


def sample(figure: float, cost: Cost) -> Sample:
    return Sample(figure, strangers=cost.strangers)


def compare(
    goal: Goal, figure: Callable[[Cost], float], rounds: Sequence[tuple[Cost, Cost]]
) -> Line:
    """A line of rounds in which both sides were measured."""
    return Line(
        goal,
        tuple(
            Round(sample(figure(ours), ours), sample(figure(other), other))
            for ours, other in rounds
        ),
    )


def alone(goal: Goal, *figures: float, cost: Cost | None = None) -> Line:
    """A line of figures that stand alone; those that do not change from run to run, only once."""
    strangers = cost.strangers if cost else 0.0
    return Line(goal, tuple(Round(Sample(figure, strangers=strangers)) for figure in figures))


def take_turns(
    rounds: int, ours: Callable[[int], Cost], other: Callable[[int], Cost]
) -> list[tuple[Cost, Cost]]:
    """Both sides in every round; who begins changes, so that neither has it better."""
    taken = []
    for number in range(rounds):
        sides: list[Side] = [partial(ours, number), partial(other, number)]
        if number % 2:
            costs = [side() for side in reversed(sides)][::-1]
        else:
            costs = [side() for side in sides]
        taken.append((costs[0], costs[1]))
    return taken
