"""A soak run in small, and what its figures amount to."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib import image

from tests.load.soak import Plan, parse_plan, save, soak
from tests.load.soak_samples import Run, Sample
from tests.load.soak_table import render_run

REST = Sample(
    at_s=0,
    cpu_s=1,
    held_kb=160_000,
    descriptors=60,
    tasks=22,
    connections=0,
    cache_kb=0,
    sessions=0,
    statuses={},
    undeclared=0,
)


def make_run(course: Callable[[int], dict[str, Any]], **after: Any) -> Run:
    """Twenty samples, of which `course` tells what is not as at rest."""
    samples = [
        replace(REST, at_s=10.0 * n, statuses={"200": 1000 * n}, **course(n)) for n in range(20)
    ]
    return Run(samples, REST, replace(REST, statuses={"200": 19_000}, **after), {})


STEADY = make_run(lambda _: {"tasks": 30, "connections": 8})


def test_a_steady_run_has_no_fault() -> None:
    assert STEADY.find_faults() == []
    assert "Nothing grows" in render_run(STEADY)
    assert "100 answers a second" in render_run(STEADY)


@pytest.mark.parametrize(
    ("run", "fault"),
    [
        (make_run(lambda n: {"held_kb": 160_000 + 100 * n}), "memory (PSS), KB grew by 600.0"),
        (make_run(lambda n: {"descriptors": 60 + n}), "descriptors grew by 6.0"),
        (make_run(lambda n: {"tasks": 22 + n}), "tasks grew by 6.0"),
        (make_run(lambda _: {}, tasks=25), "3 tasks were left"),
        (make_run(lambda _: {}, connections=1), "1 connections were left"),
        (make_run(lambda _: {}, undeclared=2), "2 undeclared answers"),
        (replace(STEADY, surprises={"get: 404 instead of 200": 5}), "5 times get: 404"),
    ],
    ids=["memory", "descriptors", "tasks", "a task", "a connection", "an error", "a surprise"],
)
def test_what_is_wrong_is_said(run: Run, fault: str) -> None:
    (found,) = run.find_faults()
    assert found.startswith(fault)
    assert f"FAULT: {fault}" in render_run(run)


def test_a_run_is_written_as_json_and_as_a_picture(tmp_path: Path) -> None:
    save(STEADY, tmp_path / "build")
    document = json.loads((tmp_path / "build" / "soak.json").read_text())
    assert len(document["samples"]) == 20
    assert document["trends"]["tasks"]["per_minute"] == 0
    height, width, _ = image.imread(tmp_path / "build" / "soak.png").shape
    assert min(height, width) > 200


def test_a_plan_is_read() -> None:
    assert parse_plan(["--minutes", "2", "--every", "5"]) == Plan(120, 5)


@pytest.mark.parametrize("arguments", [["--minutes", "0.5"], ["--every", "0"], ["--hours", "1"]])
def test_a_plan_that_tells_nothing_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse_plan(arguments)


@pytest.mark.slow
async def test_viewers_of_every_sort_get_what_they_should_and_leave_nothing(tmp_path: Path) -> None:
    run = await soak(tmp_path, Plan(seconds=8, every_s=2))
    assert run.surprises == {}
    assert run.after.statuses.keys() == {"200", "206", "304", "403"}
    assert run.after.tasks <= run.before.tasks
    assert run.after.connections == 0
    assert run.after.undeclared == 0
