"""What a request spent time on, as its Server-Timing field (W3C Server Timing)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Durations by what they were spent on; nothing is said where no time was spent, so that an
    answer from RAM is the same bytes every time."""

    __slots__ = ("_spent",)

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Count the block's time under a name, which is a token of RFC 9110."""
        began_at = time.perf_counter()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + time.perf_counter() - began_at

    def render(self) -> bytes:
        """The end of a head; durations in milliseconds."""
        if not self._spent:
            return b""
        metrics = ", ".join(f"{name};dur={s * 1000:.1f}" for name, s in self._spent.items())
        return f"Server-Timing: {metrics}\r\n".encode()
