"""The benchmark of the control plane runs to its end, whatever it finds."""

import os
import subprocess
import sys

import pytest

from tests.load.bench_control import parse_options
from tests.load.control.goals import GOALS, LIST_GOALS
from tests.stack import ROOT


@pytest.mark.slow
def test_every_line_is_measured() -> None:
    command = [sys.executable, "-m", "tests.load.bench_control", "--rounds", "1", "--seconds", "1"]
    # with servers of its own, not those of the tests
    named = {"DATABASE_URL", "REDIS_URL"}
    environment = {name: text for name, text in os.environ.items() if name not in named}  # noqa: TID251
    finished = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    for goal in (*GOALS, *LIST_GOALS):
        assert goal.what in finished.stdout
    assert "Spoilt" not in finished.stdout


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--seconds", "0"], ["--rows", "all"]])
def test_what_cannot_be_measured_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(arguments)
