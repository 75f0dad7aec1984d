"""Several threads that begin together, each with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")
AT_ONCE = 8


def all_at_once(act: Callable[[], Result], *, times: int = AT_ONCE) -> list[Result]:
    """What each of several threads got, which began together."""
    ready = Barrier(times)

    def run(_number: int) -> Result:
        try:
            ready.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
