"""How many processor cores this process may use, and how many files it may open."""

import os
import resource
from math import ceil
from pathlib import Path
from typing import Final

_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")


def count_cores() -> int:
    """The cores it may run on, or fewer where a container's share of time is smaller."""
    try:
        quota = _QUOTA.read_text()
    except OSError:
        quota = "max"
    return limit_cores(len(os.sched_getaffinity(0)), quota)


def limit_cores(cores: int, quota: str) -> int:
    """`quota` is the time it may use and the period for that, or `max` (cgroup v2, cpu.max)."""
    time, _, period = quota.strip().partition(" ")
    if not (time.isdecimal() and period.isdecimal()):
        return cores
    return max(1, min(cores, ceil(int(time) / int(period))))


def count_open_files() -> int:
    """How many files it may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def raise_open_files() -> int:
    """As many open files as the system allows without asking: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
