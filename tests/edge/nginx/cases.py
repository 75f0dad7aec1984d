"""Requests to compare, made from a seed. Entity tags stand in braces: each server has its own."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LONG_AGO: Final = "Thu, 01 Jan 1970 00:00:00 GMT"
FAR_AHEAD: Final = "Fri, 31 Dec 2199 23:59:59 GMT"

_ODD_RANGES: Final = (
    "bytes=",
    "bytes=-",
    "bytes=--5",
    "bytes=a-b",
    "bytes=0-9-",
    "bytes=+1-5",
    "bytes=0x1-0x5",
    "bytes 0-9",
    "bytes = 0-9",
    "bytes=0 - 9",
    "bytes= 0-9",
    "bytes=0-9,",
    "bytes=,0-9",
    "bytes=0-9;",
    "items=0-9",
    "Bytes=0-9",
    "BYTES=1-",
    "octets=0-9",
    "0-9",
    "bytes",
    "bytes=0-999999999999999999999999",
    "bytes=-999999999999999999999999",
    "bytes=999999999999999999999999-",
    "bytes=9223372036854775807-",
    "bytes=0-9223372036854775807",
    "bytes=18446744073709551615-18446744073709551616",
    "bytes=000000001-000000005",
)
_TAGS: Final = (
    "{etag}",
    "{weak}",
    '"other"',
    'W/"other"',
    "*",
    '"other", {etag}',
    '"other",{weak}',
    '"a,b", {etag}',
    '"other", "another"',
    '""',
    "rubbish",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One request for a file."""

    method: str
    name: str
    size: int
    fields: tuple[tuple[str, str], ...]

    def fill(self, etag: str) -> list[tuple[str, str]]:
        """The fields, with a server's own tag."""
        return [
            (name, value.replace("{etag}", etag).replace("{weak}", f"W/{etag}"))
            for name, value in self.fields
        ]

    def render(self, path: str, etag: str) -> tuple[str, bytes]:
        lines = [f"{name}: {value}\r\n" for name, value in self.fill(etag)]
        head = f"{self.method} {path}{self.name} HTTP/1.1\r\nHost: edge\r\n{''.join(lines)}\r\n"
        return self.method, head.encode()

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]


def make_cases(sizes: Mapping[str, int], *, count: int, seed: int) -> list[Case]:
    source = random.Random(seed)  # noqa: S311  (tests, not secrets)
    names = list(sizes)
    return [_make_case(source, name, sizes[name]) for name in source.choices(names, k=count)]


def _make_case(source: random.Random, name: str, size: int) -> Case:
    fields: list[tuple[str, str]] = []
    for field, chance in (
        ("If-Match", 0.1),
        ("If-None-Match", 0.15),
        ("If-Modified-Since", 0.06),
        ("If-Unmodified-Since", 0.06),
    ):
        if source.random() < chance:
            values = (LONG_AGO, FAR_AHEAD) if field.endswith("Since") else _TAGS
            fields.append((field, source.choice(values)))
    if source.random() < 0.85:
        fields.append(("Range", _make_range(source, size)))
        if source.random() < 0.3:
            fields.append(("If-Range", source.choice((*_TAGS, LONG_AGO, FAR_AHEAD))))
        if source.random() < 0.03:
            fields.append(("Range", _make_range(source, size)))
    source.shuffle(fields)
    return Case("HEAD" if source.random() < 0.15 else "GET", name, size, tuple(fields))


def _make_range(source: random.Random, size: int) -> str:
    sort = source.random()
    if sort < 0.15:
        return source.choice(_ODD_RANGES)
    if sort < 0.25:
        return "bytes=" + ",".join(_make_spec(source, size) for _ in range(source.randint(2, 4)))
    return "bytes=" + _make_spec(source, size)


def _make_spec(source: random.Random, size: int) -> str:
    """Near the borders more often than elsewhere."""
    first = _make_position(source, size)
    return source.choice(
        (f"{first}-", f"-{first}", f"{first}-{first}", f"{first}-{_make_position(source, size)}")
    )


def _make_position(source: random.Random, size: int) -> int:
    near = source.choice((0, 1, size // 2, size - 2, size - 1, size, size + 1, size * 2))
    return max(0, near if source.random() < 0.7 else source.randrange(size + 10))
