"""Scratch folders of children, below one that the workers of a machine have in common.

A folder is locked for as long as its worker lives. The kernel takes the lock of a worker that is
killed, and the next one to make a folder clears away what that one has left.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

_PREFIX: Final = "child-"


@contextmanager
def make_scratch_folder(scratch: Path) -> Iterator[Path]:
    """A folder for one child, gone afterwards."""
    scratch.mkdir(parents=True, exist_ok=True)
    with _opened(scratch) as decision:
        flock(decision, LOCK_EX)  # until the new folder is locked too, nobody clears any away
        _clear_abandoned(scratch)
        folder = Path(mkdtemp(prefix=_PREFIX, dir=scratch))
        descriptor = _open(folder)
        flock(descriptor, LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _clear_abandoned(scratch: Path) -> None:
    for folder in scratch.glob(f"{_PREFIX}*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        with _opened(folder) as descriptor:
            flock(descriptor, LOCK_EX | LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = _open(folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
