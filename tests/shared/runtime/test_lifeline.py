"""Processes that end with their parent."""

import signal
import subprocess
import sys

from tests.waiting import wait_for

CHILD = """
import os, signal, sys
from shared.runtime.lifeline import tie_to_parent
tie_to_parent(signal.SIGTERM, int(sys.argv[1]) if sys.argv[1:] else os.getppid())
print(os.getpid(), flush=True)
signal.pause()
"""
PARENT = """
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]])
signal.pause()
"""


def is_running(pid: int) -> bool:
    """Neither gone nor waiting to be buried."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_ends_with_a_parent_that_was_killed() -> None:
    command = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()
    wait_for(lambda: not is_running(child), what="the child's end", within_s=10)


def test_a_child_of_a_dead_parent_does_not_begin() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, "1"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "the parent is gone" in ended.stderr


def test_a_child_hears_its_own_signals_too() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert int(child.stdout.readline()) == child.pid
        child.terminate()
    assert child.returncode == -signal.SIGTERM
