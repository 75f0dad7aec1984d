"""What the edge reads of a request. Nothing is unescaped, joined or searched."""

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from multidict import CIMultiDictProxy

from edge.http.timings import Timings

# The origin and the absolute form of RFC 9112 section 3.2. No target has a fragment, and none of
# ours an account in front of its host (RFC 9110 section 4.2.4).
_TARGET: Final = re.compile(
    r"(?:https?://[^/?#@]+)?(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE
)
ASTERISK: Final = "*"
"""The target of an OPTIONS that means the whole server."""


class Target(NamedTuple):
    """A request target's path and query, as they were sent."""

    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request as handlers see it. `address` is the socket's; `timings` fill up on the way."""

    method: str
    target: Target
    headers: CIMultiDictProxy[str]
    address: str
    timings: Timings = field(default_factory=Timings)


def read_target(text: str) -> Target | None:
    """Split a request target; None for what is none of ours."""
    if text == ASTERISK:
        return Target(ASTERISK, "")
    match = _TARGET.fullmatch(text)
    return None if match is None else Target(match["path"], match["query"] or "")
