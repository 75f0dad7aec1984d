"""How many calls in how long: `100/h` as an operator writes it."""

import re
from dataclasses import dataclass
from typing import Any, Final

_WRITTEN: Final = re.compile(r"([1-9]\d{0,8})/(s|min|h|d)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Rate:
    """`quota` calls in any `window_s` seconds.

    >>> parse_rate("30/min")
    Rate(quota=30, window_s=60)
    >>> str(parse_rate("1000/h"))
    '1000/h'
    """

    quota: int
    window_s: int

    def __str__(self) -> str:
        (unit,) = (unit for unit, seconds in _SECONDS.items() if seconds == self.window_s)
        return f"{self.quota}/{unit}"


def parse_rate(text: Any) -> Any:
    """For a `BeforeValidator`; raise `ValueError` for text that is no rate."""
    if not isinstance(text, str):
        return text
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("a rate is a number and s, min, h or d, such as 100/h")
    return Rate(int(written[1]), _SECONDS[written[2]])
