"""Attribute lists (RFC 8216 section 4.2) and the lines they stand in.

Stricter than players are: what is read here was written here, so anything odd is damage.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

_ATTRIBUTE: Final = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,(?=.)|$)', re.ASCII)
_QUOTABLE: Final = re.compile(r'[^"\r\n]*')
_RESOLUTION: Final = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
_INTEGER: Final = re.compile(r"\d{1,20}", re.ASCII)
_DECIMAL: Final = re.compile(r"\d{1,12}(?:\.\d{1,30})?", re.ASCII)
_URI: Final = re.compile(r"[!$-~][!#-~]*")  # RFC 3986 has no spaces, quotes or letters beyond ASCII
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class PlaylistInvalid(ValueError):
    """A text that is no playlist, or breaks a rule of RFC 8216 that this code relies on."""


class Attributes(dict[str, str]):
    """An attribute list as written: quoted strings still in quotes."""

    def quoted(self, name: str) -> str | None:
        value = self.get(name)
        if value is None:
            return None
        if not value.startswith('"'):
            raise PlaylistInvalid(f"{name} wants a quoted string")
        return value[1:-1]

    def enumerated(self, name: str) -> str | None:
        value = self.get(name)
        if value is not None and value.startswith('"'):
            raise PlaylistInvalid(f"{name} wants no quotes")
        return value

    def uri(self, name: str) -> str | None:
        value = self.quoted(name)
        return None if value is None else check_uri(value)

    def integer(self, name: str) -> int | None:
        value = self.get(name)
        return None if value is None else parse_integer(value)

    def decimal(self, name: str) -> Decimal | None:
        value = self.get(name)
        return None if value is None else parse_decimal(value)

    def resolution(self, name: str) -> tuple[int, int] | None:
        value = self.get(name)
        if value is None:
            return None
        match = _RESOLUTION.fullmatch(value)
        if match is None:
            raise PlaylistInvalid(f"{name} wants width x height, not {value!r}")
        return int(match[1]), int(match[2])

    def flag(self, name: str) -> bool:
        value = self.get(name, "NO")
        if value not in ("YES", "NO"):
            raise PlaylistInvalid(f"{name} wants YES or NO, not {value[:40]!r}")
        return value == "YES"


def parse_attributes(text: str) -> Attributes:
    """Parse `A=1,B="two"`; raise `PlaylistInvalid` on anything else, doubles included."""
    attributes = Attributes()
    position = 0
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        if match is None or match[1] in attributes:
            raise PlaylistInvalid(f"not an attribute list at {text[position : position + 40]!r}")
        attributes[match[1]] = match[2]
        position = match.end()
    return attributes


def render_attributes(attributes: dict[str, str | None]) -> str:
    """Join the attributes that are there, in the order given."""
    return ",".join(f"{name}={value}" for name, value in attributes.items() if value is not None)


def quote(text: str | None) -> str | None:
    """A quoted string; None stays None. Raises `PlaylistInvalid` where it cannot be quoted."""
    if text is None:
        return None
    if not _QUOTABLE.fullmatch(text):
        raise PlaylistInvalid(f"cannot stand in quotes: {text!r}")
    return f'"{text}"'


def yes(flag: bool) -> str | None:
    return "YES" if flag else None


def parse_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise PlaylistInvalid(f"not a decimal integer: {text[:40]!r}")
    return int(text)


def parse_decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise PlaylistInvalid(f"not a decimal number: {text[:40]!r}")
    return Decimal(text)


def check_uri(text: str) -> str:
    """Return `text` when it can stand as a URI; raise `PlaylistInvalid` otherwise."""
    if not _URI.fullmatch(text):
        raise PlaylistInvalid(f"not a URI: {text[:80]!r}")
    return text


def read_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield (tag, value) for each tag line and ("", uri) for each URI line.

    Comments and blank lines are passed over; lines end in LF or CRLF. Raises `PlaylistInvalid`
    for control characters, and unless the first line is #EXTM3U: a byte order mark is none
    (RFC 8216 section 4.1).
    """
    text = text.replace("\r\n", "\n")
    if _CONTROL.search(text):
        raise PlaylistInvalid("control characters")
    lines = text.split("\n")
    if lines[0] != "#EXTM3U":
        raise PlaylistInvalid("does not begin with #EXTM3U")
    for line in lines[1:]:
        if line.startswith("#EXT"):
            tag, _, value = line[1:].partition(":")
            yield tag, value
        elif line and not line.startswith("#"):
            yield "", check_uri(line)
