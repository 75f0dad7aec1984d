"""The benchmark of the control plane runs to its end, whatever it finds."""

import subprocess
import sys

import pytest

from tests.load.control.goals import GOALS, LIST_GOALS
from tests.stack import ROOT


@pytest.mark.slow
def test_every_line_is_measured() -> None:
    command = [sys.executable, "-m", "tests.load.bench_control", "--rounds", "1", "--seconds", "1"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    for goal in (*GOALS, *LIST_GOALS):
        assert goal.what in finished.stdout
    assert "Spoilt" not in finished.stdout
