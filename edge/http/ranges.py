"""The Range header of RFC 9110 section 14: one byte range, or none."""

import re
from dataclasses import dataclass
from typing import Final

_MAX_LENGTH: Final = 256

# One range between empty list elements, which a recipient must pass over (section 5.6.1.2).
_ONE_RANGE: Final = re.compile(r"bytes=[ \t,]*(\d*)-(\d*)[ \t,]*", re.ASCII | re.IGNORECASE)


class RangeUnsatisfiable(ValueError):
    """A valid range that begins past the end, or asks for no byte at all."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` up to but not including `end`; never empty."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse_range(value: str, size: int) -> Span | None:
    """What a Range header selects of `size` bytes; None when the header is to be ignored.

    Ignored are unknown units, syntax errors and several ranges at once (section 14.2 allows it,
    and no player needs them), and any range of an empty file. Raises `RangeUnsatisfiable`.
    """
    match = _ONE_RANGE.fullmatch(value) if len(value) <= _MAX_LENGTH else None
    if match is None or size == 0:
        return None
    first, last = match.groups()
    if first:
        return _closed(int(first), int(last) if last else None, size)
    return _suffix(int(last), size) if last else None


def _closed(first: int, last: int | None, size: int) -> Span | None:
    if last is not None and last < first:
        return None
    if first >= size:
        raise RangeUnsatisfiable
    return Span(first, size if last is None else min(last + 1, size))


def _suffix(length: int, size: int) -> Span:
    if length == 0:
        raise RangeUnsatisfiable
    return Span(max(0, size - length), size)
