"""Content negotiation of RFC 9110 section 12.5.3, as far as there is a choice: gzip or nothing."""

import re
from functools import lru_cache
from typing import Final

_MAX_LENGTH: Final = 256
_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_CODING: Final = re.compile(
    rf"({_NAME})(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{{0,3}})?|1(?:\.0{{0,3}})?))?"
)


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether a client would rather have gzip; never unasked. Several fields are one, joined by
    commas."""
    if not accept_encoding or len(accept_encoding) > _MAX_LENGTH:
        return False
    return _prefers_gzip(accept_encoding)


@lru_cache(maxsize=1024)
def _prefers_gzip(accept_encoding: str) -> bool:
    weights: dict[str, float] = {}
    for element in accept_encoding.split(","):
        if not (coding := element.strip(" \t")):
            continue
        match = _CODING.fullmatch(coding)
        if match is None:
            return False
        weights[match[1].lower()] = float(match[2] or 1)
    # `x-gzip` is the same coding under an older name (section 8.4.1.3)
    others = weights.get("*", 0.0)
    gzip = weights.get("gzip", weights.get("x-gzip", others))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)
