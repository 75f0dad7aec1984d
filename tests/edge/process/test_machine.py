"""What the machine grants a process."""

import resource
import subprocess
import sys

import pytest

from edge.process.machine import count_cores, limit_cores


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000\n", 8),
        ("200000 100000\n", 2),
        ("250000 100000\n", 3),
        ("50000 100000\n", 1),
        ("1600000 100000\n", 8),
        ("max", 8),
        ("", 8),
        ("rubbish here", 8),
    ],
)
def test_a_quota_of_time_counts_as_cores(quota: str, cores: int) -> None:
    assert limit_cores(8, quota) == cores


def test_there_is_a_core_here() -> None:
    assert count_cores() >= 1


def test_files_may_be_opened_up_to_the_hard_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    script = (
        "import resource\n"
        "from edge.process.machine import raise_open_files\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (64, {min(hard, 4096)}))\n"
        "print(raise_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert {int(number) for number in shown.stdout.split()} == {min(hard, 4096)}
