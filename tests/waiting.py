"""Waiting for a fact by asking for it, with a deadline."""

import time
from collections.abc import Callable

PAUSE_S = 0.05


def wait_for(check: Callable[[], bool], *, what: str, within_s: float) -> None:
    """Ask again and again until `check` says yes; fail after `within_s`."""
    deadline = time.monotonic() + within_s
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:g} s for {what}")
        time.sleep(PAUSE_S)
