"""A slow and plain reading of RFC 9110 to hold the edge against: sections 13.1, 13.2.2 and 14.

It shares no code with the edge, uses no regular expression, and counts bytes one by one. A choice
that the RFC leaves open is marked `choice`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DIGITS: Final = "0123456789"
LONGEST_RANGE: Final = 256


@dataclass(frozen=True, slots=True)
class Expected:
    """What should come back for a file. `positions` are those of the bytes sent."""

    status: int
    positions: Sequence[int] = ()
    content_range: str | None = None


def respond(method: str, fields: Sequence[tuple[str, str]], etag: str, size: int) -> Expected:
    """Answer a GET or HEAD for a file with a strong tag and no modification date."""
    if_match = find(fields, "if-match")
    if if_match and not any(tag in ("*", etag) for tag in read_tags(", ".join(if_match))):
        return Expected(412)
    # If-Unmodified-Since: "MUST ignore if the resource does not have a modification date" (13.1.4)
    if_none_match = find(fields, "if-none-match")
    if if_none_match:
        for tag in read_tags(", ".join(if_none_match)):
            if tag == "*" or strip_weakness(tag) == etag:
                return Expected(304)
    # If-Modified-Since: the same (13.1.3)
    whole = Expected(200, range(size))
    ranges = find(fields, "range")
    if method != "GET" or len(ranges) != 1:
        return whole  # 14.2: only for GET; two are no list (5.3), choice: ignored
    if_range = find(fields, "if-range")
    if if_range and if_range != [etag]:
        return whole  # 13.1.5: a date cannot match without a Last-Modified, a weak tag never does
    return select(ranges[0], size)


def select(value: str, size: int) -> Expected:
    """Section 14.1.2, one byte position after the other."""
    whole = Expected(200, range(size))
    unit, sign, rest = value.partition("=")
    specs = [spec.strip(" \t") for spec in rest.split(",") if spec.strip(" \t")]
    if unit.lower() != "bytes" or not sign or len(value) > LONGEST_RANGE:
        return whole  # 14.2: an unknown unit is ignored; choice: so is what is too long
    if len(specs) != 1 or size == 0:
        return whole  # choice: several ranges, and ranges of nothing, are ignored
    first, dash, last = specs[0].partition("-")
    if not dash or any(letter not in DIGITS for letter in first + last) or not first + last:
        return whole  # 14.2: an invalid ranges-specifier is ignored
    if first and last and int(last) < int(first):
        return whole  # 14.1.1: invalid
    if first:
        begin, end = int(first), int(last) if last else size
        positions = [position for position in range(size) if begin <= position <= end]
    else:
        length = int(last)
        positions = [position for position in range(size) if size - position <= length]
    if not positions:
        return Expected(416, (), f"bytes */{size}")
    return Expected(206, positions, f"bytes {positions[0]}-{positions[-1]}/{size}")


def find(fields: Sequence[tuple[str, str]], wanted: str) -> list[str]:
    return [value for name, value in fields if name.lower() == wanted]


def strip_weakness(tag: str) -> str:
    return tag[2:] if tag[:2] == "W/" else tag


def read_tags(text: str) -> list[str]:
    """Section 8.8.3 letter by letter; choice: a list that breaks the grammar matches nothing."""
    if text.strip(" \t") == "*":
        return ["*"]
    tags: list[str] = []
    expects_tag = True
    position = 0
    while position < len(text):
        letter = text[position]
        if letter in " \t":
            position += 1
        elif letter == ",":
            expects_tag = True
            position += 1
        elif not expects_tag:
            return []
        else:
            end = end_of_tag(text, position)
            if end is None:
                return []
            tags.append(text[position:end])
            expects_tag = False
            position = end
    return tags


def end_of_tag(text: str, start: int) -> int | None:
    """Where the entity tag that begins here ends."""
    opening = start + 2 if text.startswith("W/", start) else start
    if text[opening : opening + 1] != '"':
        return None
    for position in range(opening + 1, len(text)):
        if text[position] == '"':
            return position + 1
        if text[position] < "!" or text[position] == "\x7f":
            return None
    return None
