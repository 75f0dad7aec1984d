"""Which of the API's rates a call falls under: pure, from its method and path."""

import re
from enum import StrEnum
from typing import Final

API_PREFIX: Final = "/api/v1/"

_AUTH: Final = re.compile(r"(browser/)?(auth|account|tokens)/")
_PLAYERS: Final = re.compile(r".*/playback|sessions/[^/]+/renewal")
_SAFE: Final = frozenset({"GET", "HEAD"})


class Family(StrEnum):
    """Calls that are counted together. `GENERAL` has two rates: one of visitors, counted by
    address, and one of whoever is logged in."""

    GENERAL = "general"
    AUTH = "auth"
    PLAYERS = "players"


def find_family(method: str, path: str) -> Family | None:
    """None for what is not counted: pages, keys, health, and the questions that browsers ask
    before a call from another origin."""
    if method == "OPTIONS" or not path.startswith(API_PREFIX):
        return None
    name = path.removeprefix(API_PREFIX)
    if _AUTH.match(name) and method not in _SAFE:
        return Family.AUTH
    return Family.PLAYERS if _PLAYERS.fullmatch(name) else Family.GENERAL
