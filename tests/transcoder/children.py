"""Watching processes that end, or should have."""

import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether a process does anything still; one that only waits to be buried does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def find_children(pid: int = 0) -> set[int]:
    """The children of a process, of this one if none is named."""
    tasks = Path(f"/proc/{pid or os.getpid()}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def find_encoder(pid: int = 0) -> int | None:
    """The encoding child of a process."""
    for child in find_children(pid):
        command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"transcoder.work.child" in command and is_running(child):
            return child
    return None
