"""The command: what it takes, what it lacks, and what a failure spoils."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load import bench_edge
from tests.load.bench import Bench
from tests.load.bench_edge import measure_row, parse_options
from tests.load.goals import goals_of
from tests.load.plan import PLAN, Row
from tests.load.progress import Progress
from tests.load.results import Line, Round, RunFailed, Sample


def test_by_default_every_row_is_measured() -> None:
    options = parse_options([])
    assert options.rows == [row.name for row in PLAN]


def test_a_part_can_be_asked_for() -> None:
    options = parse_options(["--rows", "ram,cold", "--rounds", "2", "--seconds", "1"])
    assert (options.rows, options.rounds, options.seconds) == (["ram", "cold"], 2, 1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--rows", "ram,warm"], "no such rows: warm"),
        (["--rounds", "0"], "at least one round"),
        (["--seconds", "0"], "at least one round of at least one second"),
    ],
)
def test_what_makes_no_benchmark_is_refused(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_options(arguments)
    assert complaint in capsys.readouterr().err


def test_it_fails_when_it_lacks_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sys.argv", ["bench_edge"])
    assert bench_edge.main() == 1
    assert "wrk is missing" in capsys.readouterr().err


@pytest.fixture
def bench() -> Bench:
    nowhere = Path("/nonexistent")
    progress = Progress(io.StringIO(), 100)
    return Bench(nginx=nowhere, wrk=nowhere, redis_url="", rounds=1, seconds=1, progress=progress)


@pytest.mark.parametrize(
    "error",
    [RunFailed("edge did not start"), ConnectionResetError("edge did not start")],
    ids=["ours", "the system's"],
)
def test_a_failure_spoils_the_lines_that_are_not_there_yet(bench: Bench, error: Exception) -> None:
    def fail_later(_bench: Bench) -> Iterator[Line]:
        yield Line(goals_of("ram")[0], (Round(Sample(2), Sample(1)),))
        raise error

    lines = measure_row(bench, Row("ram", fail_later, runs=6, around_s=1))
    assert [line.goal for line in lines] == list(goals_of("ram"))
    assert [line.complaint for line in lines] == ["", *["edge did not start"] * 2]


def test_a_row_has_a_folder_of_its_own_that_does_not_stay(bench: Bench) -> None:
    folders = []

    def note_folder(bench: Bench) -> Iterator[Line]:
        folders.append(bench.folder)
        assert bench.folder.is_dir()
        yield Line(goals_of("cold")[0], ())

    measure_row(bench, Row("cold", note_folder, runs=2, around_s=1))
    assert not folders[0].exists()
