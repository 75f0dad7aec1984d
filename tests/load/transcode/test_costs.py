"""What a program cost."""

import sys
from pathlib import Path

import pytest

from tests.load.results import RunFailed
from tests.load.transcode.costs import Running, run_measured

BUSY = """
import time
held = bytearray(200_000_000)
while time.process_time() < 0.3:
    pass
print("done")
"""
HELD = 600_000_000
CORES = "import os; print(sorted(os.sched_getaffinity(0)))"


def test_time_memory_and_output_of_a_program_are_measured(tmp_path: Path) -> None:
    cost = run_measured([sys.executable, "-c", BUSY], tmp_path)
    assert cost.wall_s >= cost.cpu_s * 0.9
    assert 0.3 <= cost.cpu_s < 5
    assert 200_000_000 < cost.peak_bytes < 400_000_000
    assert cost.output == "done\n"


def test_memory_of_the_process_that_measures_does_not_count(tmp_path: Path) -> None:
    held = bytearray(b"x") * HELD
    cost = run_measured([sys.executable, "-c", BUSY], tmp_path)
    assert len(held) == HELD
    assert 200_000_000 < cost.peak_bytes < 400_000_000


def test_a_program_may_be_kept_to_a_core(tmp_path: Path) -> None:
    running = Running.start([sys.executable, "-c", CORES], tmp_path, cores=[0])
    assert running.finish().output == "[0]\n"


def test_a_program_that_fails_spoils_its_run(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="no such film"):
        run_measured([sys.executable, "-c", "raise SystemExit('no such film')"], tmp_path)
