"""What is measured: a function for each row, which yields a line for each of its goals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from shared.paths import MAIN_PLAYLIST
from shared.report import StreamFigures
from tests.load.results import Line, Round, Sample
from tests.load.transcode.bench import Bench, Made, alone, compare, take_turns
from tests.load.transcode.costs import Cost
from tests.load.transcode.goals import goals_of
from tests.load.transcode.shaka import measure_by_shaka
from tests.load.transcode.skew import SKEW_CLIP, measure_skew_ms
from tests.transcoder.clips import write_clip
from transcoder.inspect.presentation import Stream
from transcoder.inspect.sources import FolderSource
from transcoder.inspect.walk import walk_presentation

MeasureRow: TypeAlias = Callable[[Bench], Iterator[Line]]

_LADDER: Final = {"size": "1920x1080", "has_grain": True}
# Four minutes and a bit make four chunks; of two rungs eight, and one of sound.
_CHUNKED: Final = {"seconds": 245, "size": "640x360", "has_grain": True}
_SHARED: Final = {"seconds": 245, "size": "854x480"}
_HOUR: Final = {"seconds": 3600, "size": "64x36", "rate": "30000/1001"}
_TELLING_BPS: Final = 700_000
_MEGABYTE: Final = 1_000_000
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Row:
    """A row: `runs` are measured in each round, of about `run_s`; `around_s` is all else."""

    name: str
    measure: MeasureRow
    around_s: float
    runs: int = 0
    run_s: float = 0

    def plan_s(self, rounds: int) -> float:
        return self.around_s + self.runs * self.run_s * rounds


def measure_ladder(bench: Bench) -> Iterator[Line]:
    """The whole of a film against ffmpeg's command: our poster, storyboard, I-frame playlists and
    loudness are in it, the gate and the checks of chunks are on a line of their own."""
    source = bench.make_film("ladder", seconds=bench.seconds, **_LADDER)
    made: list[Made] = []

    def ours(number: int) -> Cost:
        bench.progress.tell(f"ladder, round {number + 1} of {bench.rounds}")
        made.append(bench.transcode(source, f"ladder-{number}"))
        return _without_checks(made[-1])

    def theirs(number: int) -> Cost:
        return bench.transcode_with_ffmpeg(source, f"ffmpeg-{number}")[1]

    rounds = take_turns(bench.rounds, ours, theirs)
    wall, cpu, memory, checks = goals_of("ladder")
    yield compare(wall, lambda cost: cost.wall_s, rounds)
    yield compare(cpu, lambda cost: cost.cpu_s, rounds)
    yield compare(memory, lambda cost: cost.peak_bytes / _MEGABYTE, rounds)
    yield alone(checks, *(100 * one.steps["checks"] / _without_checks(one).cpu_s for one in made))
    bench.remarks.append(f"ladder: of ours, {_describe_steps(made[-1])}")


def _describe_steps(made: Made) -> str:
    steps = made.steps
    rest_s = made.cost.wall_s - sum(steps[name] for name in ("plan", "encode", "package"))
    told = [f"{name} {took_s:.2f} s" for name, took_s in steps.items()]
    return f"{', '.join(told)}, starting and ending {rest_s:.2f} s"


def _without_checks(made: Made) -> Cost:
    """They work in one thread, so that they take as long as they compute."""
    cost = made.cost
    return Cost(
        wall_s=cost.wall_s - made.steps["checks"],
        cpu_s=cost.cpu_s - made.steps["checks"],
        peak_bytes=cost.peak_bytes,
        strangers=cost.strangers,
    )


def measure_package(bench: Bench) -> Iterator[Line]:
    """What the package of the ladder's film holds beside media, and says of itself."""
    source = bench.make_film("ladder", seconds=bench.seconds, **_LADDER)
    made = bench.transcode(source, "package")
    container, bandwidth = goals_of("package")
    yield alone(container, max(map(_overhead, _telling(made))))
    yield alone(bandwidth, measure_by_shaka(made.folder, bench.folder / "shaka"))


def _telling(made: Made) -> list[StreamFigures]:
    return [f for f in made.report.figures if f.average_bps >= _TELLING_BPS]


def _overhead(figures: StreamFigures) -> float:
    return 100 * figures.overhead_bytes / figures.size_bytes


def measure_skew(bench: Bench) -> Iterator[Line]:
    """How far sound and picture are apart for a player, by cross-correlation with the source and by
    the number that stands on each picture; ffmpeg's muxer is measured as well."""
    source = write_clip(bench.folder / "skew.mp4", SKEW_CLIP)
    made = bench.transcode(source, "skew")
    folder, _ = bench.transcode_with_ffmpeg(source, "skew-ffmpeg")
    (goal,) = goals_of("skew")
    theirs = measure_skew_ms(folder / "0/media.m3u8", folder / "1/media.m3u8")
    bench.remarks.append(f"skew: ffmpeg's own muxer, in one command, has {theirs:.1f} ms")
    (picture, *_), (sound, *_) = (
        sorted(made.folder.glob(f"{kind}/*/media.m3u8")) for kind in ("video", "audio")
    )
    yield alone(goal, measure_skew_ms(picture, sound))


def measure_clock(bench: Bench) -> Iterator[Line]:
    """An hour at 29.97: how far the sum of what playlists say is from what their segments hold."""
    made = bench.transcode(bench.make_film("hour", **_HOUR), "hour")
    presentation = walk_presentation(FolderSource(made.folder), MAIN_PLAYLIST)
    (goal,) = goals_of("clock")
    yield alone(goal, max(map(_stray_frames, presentation.videos)))


def _stray_frames(stream: Stream) -> float:
    listed_s = sum((segment.listed_s for segment in stream.segments), start=Fraction(0))
    return float(abs(listed_s - stream.frames * stream.frame_s) / stream.frame_s)


def measure_chunks(bench: Bench) -> Iterator[Line]:
    """The bytes of all rungs, in chunks of a minute and in one piece."""
    source = bench.make_film("chunked", **_CHUNKED)
    cut, whole = (
        _count_bytes(bench.transcode(source, name, *options))
        for name, options in (("cut", []), ("whole", ["--whole"]))
    )
    (goal,) = goals_of("chunks")
    yield alone(goal, 100 * (cut / whole - 1))


def _count_bytes(made: Made) -> int:
    return sum(f.size_bytes for f in made.report.figures if f.kind == "video")


def measure_workers(bench: Bench) -> Iterator[Line]:
    """One film, by two workers that have a core each and by one that has one."""
    source = bench.make_film("shared", **_SHARED)

    def two(number: int) -> Cost:
        bench.progress.tell(f"workers, round {number + 1} of {bench.rounds}")
        root = bench.put(source, f"two-{number}")
        partner = bench.start(root, "--quiet-partner", cores=[1])
        first = bench.start(root, cores=[0])
        cost = first.finish()
        partner.finish()
        return cost

    def one(number: int) -> Cost:
        return bench.start(bench.put(source, f"one-{number}"), cores=[0]).finish()

    (goal,) = goals_of("workers")
    rounds = take_turns(bench.rounds, two, one)
    yield Line(
        goal,
        tuple(
            Round(
                Sample(_HOUR_S / together.wall_s),
                Sample(_HOUR_S / single.wall_s, strangers=single.strangers),
            )
            for together, single in rounds
        ),
    )


PLAN: Final = (
    Row("ladder", measure_ladder, around_s=10, runs=2, run_s=25),
    Row("package", measure_package, around_s=30),
    Row("skew", measure_skew, around_s=5),
    Row("clock", measure_clock, around_s=90),
    Row("chunks", measure_chunks, around_s=60),
    Row("workers", measure_workers, around_s=2, runs=2, run_s=35),
)
