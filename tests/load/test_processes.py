"""Reading proc(5): what is added up, and over which processes."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.load import processes

TICK_S = 1 / os.sysconf("SC_CLK_TCK")

STAT = "42 (a (strange) name) S 1 42 42 0 -1 4194560 900 0 0 0 30 12 5 3 20 0 1 0 8412 100 7 18"


@pytest.fixture
def grandparent() -> Iterator[int]:
    """A process with a child that has a child; they end when their input does."""
    child = "import sys, subprocess; print(end='', flush=True); sys.stdin.read()"
    parent = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    grand = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {parent!r}], stdin=subprocess.PIPE,\n"
        "    stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", grand], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def test_a_family_is_a_process_with_its_children_and_theirs(grandparent: int) -> None:
    family = list(processes.list_family(grandparent))
    assert family[0] == grandparent
    assert len(set(family)) == 3


def test_what_a_family_holds_is_more_than_its_eldest(grandparent: int) -> None:
    eldest = processes.parse_held_bytes(processes.read_proc(grandparent, "smaps_rollup"))
    assert processes.held_bytes(grandparent) > eldest > 0


def test_open_files_are_those_of_all(grandparent: int) -> None:
    assert processes.open_files(grandparent) >= 3 * 3


def test_a_process_has_used_time_and_read_something_or_nothing() -> None:
    assert processes.cpu_seconds(os.getpid()) > 0
    assert processes.read_bytes(os.getpid()) >= 0


def test_time_is_that_of_a_process_and_of_its_ended_children() -> None:
    assert processes.parse_cpu_seconds(STAT) == pytest.approx((30 + 12 + 5 + 3) * TICK_S)


def test_busy_is_what_is_neither_idle_nor_waiting_for_a_disk() -> None:
    stat = "cpu  100 1 20 9000 700 3 4 5 0 0\ncpu0 50 0 10 4500 350 1 2 2 0 0\n"
    expected = (100 + 1 + 20 + 3 + 4 + 5) * TICK_S
    assert processes.parse_busy_seconds(stat) == pytest.approx(expected)


def test_shared_memory_is_counted_in_proportion() -> None:
    text = (
        "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:  9000 kB\nPss:  1234 kB\nPss_Anon: 9 kB\n"
    )
    assert processes.parse_held_bytes(text) == 1234 * 1024


def test_bytes_read_are_those_of_the_disk() -> None:
    text = "rchar: 999\nwchar: 5\nread_bytes: 4096\nwrite_bytes: 0\ncancelled_write_bytes: 0\n"
    assert processes.parse_read_bytes(text) == 4096


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ValueError, match="no read_bytes:"):
        processes.parse_read_bytes("rchar: 999\n")
