"""The rows, the goals, and how both sides take turns."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.hls.multivariant import Variant
from tests.load.bench_transcode import measure_row, parse_options
from tests.load.goals import Goal
from tests.load.progress import Progress
from tests.load.results import Line, RunFailed, Verdict, share_of
from tests.load.transcode.bench import Bench, alone, compare, take_turns
from tests.load.transcode.costs import Cost
from tests.load.transcode.goals import GOALS, goals_of
from tests.load.transcode.rows import PLAN, Row
from tests.load.transcode.shaka import compare_variants

COST = Cost(wall_s=9.0, cpu_s=18.0, peak_bytes=1, strangers=0.1)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, rounds=1, seconds=1, progress=Progress(io.StringIO(), 10))


def test_every_goal_belongs_to_a_row_and_every_row_has_one() -> None:
    assert tuple(dict.fromkeys(goal.row for goal in GOALS)) == tuple(row.name for row in PLAN)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.row}: {goal.what}")
def test_an_aim_is_better_than_the_least(goal: Goal) -> None:
    assert goal.aim is None or share_of(goal.aim, goal.least, goal) > 1


def test_by_default_it_takes_twelve_minutes_at_most() -> None:
    options = parse_options([])
    assert sum(row.plan_s(options.rounds) for row in PLAN) <= 12 * 60


def test_who_begins_changes_from_round_to_round() -> None:
    asked: list[str] = []

    def side(name: str, wall_s: float) -> Cost:
        asked.append(name)
        return replace(COST, wall_s=wall_s)

    rounds = take_turns(2, lambda _: side("ours", 9), lambda _: side("ffmpeg", 10))
    assert asked == ["ours", "ffmpeg", "ffmpeg", "ours"]
    line = compare(goals_of("ladder")[0], lambda cost: cost.wall_s, rounds)
    assert (line.figure, line.strangers, line.verdict) == (0.9, 0.1, Verdict.AIM)


def test_what_stands_alone_is_held_against_its_goal() -> None:
    line = alone(goals_of("skew")[0], 0.0)
    assert (line.figure, line.other, line.verdict) == (0.0, None, Verdict.AIM)


def test_a_failure_spoils_the_lines_that_are_not_there_yet(bench: Bench) -> None:
    def measure(_: Bench) -> Iterator[Line]:
        yield alone(goals_of("package")[0], 0.2)
        raise RunFailed("no packager")

    lines = measure_row(bench, Row("package", measure, around_s=1))
    assert [line.complaint for line in lines] == ["", "no packager"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--rows", "ladder,nothing"], "no such rows: nothing"),
        (["--rounds", "0"], "at least one round"),
        (["--seconds", "0"], "at least one second"),
    ],
)
def test_other_options_are_refused(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_options(arguments)
    assert complaint in capsys.readouterr().err


def test_bandwidths_differ_by_percents_of_shakas() -> None:
    ours = Variant("1.m3u8", 1_010, average_bandwidth_bps=990)
    theirs = Variant("2.m3u8", 1_000, average_bandwidth_bps=1_000)
    assert list(compare_variants(ours, theirs)) == pytest.approx([1.0, 1.0])


def test_a_variant_without_an_average_spoils_the_row() -> None:
    variant = Variant("1.m3u8", 1_000)
    with pytest.raises(ValueError, match=r"no average of 1\.m3u8"):
        list(compare_variants(variant, variant))


@pytest.mark.slow
def test_a_row_is_measured_from_film_to_figure(bench: Bench) -> None:
    (row,) = (row for row in PLAN if row.name == "skew")
    (line,) = measure_row(bench, row)
    assert line.complaint == ""
    assert line.figure < 1
    assert bench.remarks
