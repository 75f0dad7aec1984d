"""Where the edge answers otherwise than nginx, each for a reason. What stands here was looked at;
there the edge's answer is what `tests.edge.http.reference` says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.edge.nginx.cases import Case

NGINX_INTEGERS: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A sort of requests that the two may answer differently, and why the edge is right to."""

    name: str
    section: str
    why: str
    applies: Callable[[Case], bool]


def _has_ranges(case: Case) -> bool:
    return bool(case.values("Range"))


def _specs(case: Case) -> list[str]:
    return [spec for value in case.values("Range") for spec in value.partition("=")[2].split(",")]


def _is_malformed(case: Case) -> bool:
    """No unit of bytes as nginx reads it, or no range as the grammar has it, or one backwards."""
    for value in case.values("Range"):
        if value.partition("=")[0].lower() != "bytes" or " " in value or "\t" in value:
            return True
    for spec in _specs(case):
        first, dash, last = spec.partition("-")
        digits = first + last
        if not dash or not digits or not (digits.isascii() and digits.isdecimal()):
            return True
        if first and last and int(last) < int(first):
            return True
    return False


def _is_huge(case: Case) -> bool:
    numbers = [number for spec in _specs(case) for number in spec.split("-") if number.isdecimal()]
    return any(int(number) >= NGINX_INTEGERS for number in numbers)


def _has_dates(case: Case) -> bool:
    return any(value.endswith(" GMT") for _, value in case.fields)


def _has_loose_tags(case: Case) -> bool:
    return any(
        value == "rubbish" or value == '"a,b", {etag}'
        for name in ("If-Match", "If-None-Match")
        for value in case.values(name)
    )


DIFFERENCES: Final = (
    Difference(
        "a range on HEAD",
        "14.2",
        "Range is defined for GET; on other methods it must be ignored. nginx answers 206.",
        lambda case: case.method == "HEAD" and _has_ranges(case),
    ),
    Difference(
        "several ranges",
        "14.2",
        "A server may ignore them. nginx sends multipart/byteranges, which no player asks for.",
        lambda case: len(_specs(case)) > 1,
    ),
    Difference(
        "a malformed range",
        "14.2",
        "An invalid ranges-specifier is ignored, and empty list elements are (5.6.1.2). nginx"
        " answers 416, or reads on over spaces.",
        _is_malformed,
    ),
    Difference(
        "a range of an empty file",
        "14.2",
        "No range of nothing can be satisfied, and Range may be ignored: 200 lets a player go on."
        " nginx answers 416.",
        lambda case: case.size == 0 and _has_ranges(case),
    ),
    Difference(
        "integers of any size",
        "14.1.2",
        "A last position past the end is the end, a longer suffix is everything. nginx answers 416"
        " to what does not fit 63 bits.",
        _is_huge,
    ),
    Difference(
        "two Range fields",
        "5.3",
        "Range is no list, so two are no Range. nginx takes the first.",
        lambda case: len(case.values("Range")) > 1,
    ),
    Difference(
        "dates",
        "13.1.3, 13.1.4, 13.1.5",
        "There is no modification date: the first two are ignored, If-Range does not hold. nginx"
        " has the file's.",
        _has_dates,
    ),
    Difference(
        "lists of tags",
        "13.1.1, 13.1.2",
        "A tag may hold a comma. nginx's own parser is another one.",
        _has_loose_tags,
    ),
)
