"""Conditional requests of RFC 9110 section 13, for files that have a strong entity tag and no
modification date: date conditions must then be ignored (13.1.3, 13.1.4) or are false (13.1.5).
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from multidict import CIMultiDictProxy

from edge.http.ranges import Span, parse_range

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"'
_TAG_PATTERN: Final = re.compile(_TAG)
_TAG_LIST: Final = re.compile(rf"[ \t,]*(?:{_TAG}[ \t]*(?:,[ \t,]*|$))*")


class Precondition(Enum):
    """What the preconditions of a request come to."""

    PASSED = auto()
    NOT_MODIFIED = auto()
    FAILED = auto()


def check_preconditions(headers: CIMultiDictProxy[str], etag: str) -> Precondition:
    """Evaluate in the order of section 13.2.2. `etag` is strong, in quotes. GET and HEAD only."""
    if "If-Match" in headers and not _matches_strongly(headers.getall("If-Match"), etag):
        return Precondition.FAILED
    if "If-None-Match" in headers and _matches_weakly(headers.getall("If-None-Match"), etag):
        return Precondition.NOT_MODIFIED
    return Precondition.PASSED


def select_span(headers: CIMultiDictProxy[str], etag: str, size: int) -> Span | None:
    """The part that Range and If-Range select; None for all. Raises `RangeUnsatisfiable`.

    If-Range holds only for an equal, strong tag (13.1.5). Range is no list field, so two of
    them are no Range header at all.
    """
    ranges = headers.getall("Range", ())
    if len(ranges) != 1 or headers.getall("If-Range", [etag]) != [etag]:
        return None
    return parse_range(ranges[0], size)


def _matches_strongly(values: list[str], etag: str) -> bool:
    return any(tag in ("*", etag) for tag in _read_tags(values))


def _matches_weakly(values: list[str], etag: str) -> bool:
    return any(tag == "*" or tag.removeprefix("W/") == etag for tag in _read_tags(values))


def _read_tags(values: list[str]) -> Iterator[str]:
    """The tags of a list as written, or `*`; nothing of a list that breaks the grammar."""
    text = ", ".join(values)  # no tag holds a space, so none can span two fields
    if text.strip(" \t") == "*":
        yield "*"
    elif _TAG_LIST.fullmatch(text):
        yield from _TAG_PATTERN.findall(text)
