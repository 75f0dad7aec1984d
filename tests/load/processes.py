"""What proc(5) knows of a server: the time its processes used, what they hold, what they read.

A server is a process with its children and theirs: a parent and its workers count together.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


def list_family(pid: int) -> Iterator[int]:
    """The process, its children, and so on."""
    yield pid
    for task in (_PROC / str(pid) / "task").iterdir():
        for child in _read_children(task):
            yield from list_family(int(child))


def _read_children(task: Path) -> list[str]:
    """None of a thread that has ended meanwhile."""
    try:
        return (task / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def cpu_seconds(pid: int) -> float:
    """User and system time of the family so far, those included that ended before."""
    return sum(parse_cpu_seconds(read_proc(member, "stat")) for member in list_family(pid))


def held_bytes(pid: int) -> int:
    """Memory of the family; what processes share is divided among them (PSS)."""
    return sum(parse_held_bytes(read_proc(member, "smaps_rollup")) for member in list_family(pid))


def read_bytes(pid: int) -> int:
    """What the family had fetched from a disk so far; pages that were in RAM do not count."""
    return sum(parse_read_bytes(read_proc(member, "io")) for member in list_family(pid))


def open_files(pid: int) -> int:
    """How many descriptors the family has open."""
    return sum(
        sum(1 for _ in (_PROC / str(member) / "fd").iterdir()) for member in list_family(pid)
    )


def parse_cpu_seconds(stat: str) -> float:
    """utime, stime, and both of children that were waited for; they stand behind the process's
    name, which may hold spaces and parentheses."""
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS_PER_SECOND


def parse_busy_seconds(stat: str) -> float:
    """Of all processors together, from the first line of /proc/stat; waiting for disks is idle,
    what a hypervisor took away is busy."""
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, stat.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS_PER_SECOND


def parse_held_bytes(smaps_rollup: str) -> int:
    return 1024 * int(_find_field(smaps_rollup, "Pss:"))


def parse_read_bytes(io: str) -> int:
    return int(_find_field(io, "read_bytes:"))


def _find_field(text: str, name: str) -> str:
    for line in text.splitlines():
        words = line.split()
        if words[:1] == [name]:
            return words[1]
    raise ValueError(f"no {name}")


def read_proc(pid: int, name: str) -> str:
    return (_PROC / str(pid) / name).read_text()
