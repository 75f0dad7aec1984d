"""How long a playback URL is good: long enough to watch with pauses, and no longer."""

from datetime import timedelta
from typing import Final

from shared.tokens import MAX_TOKEN_LIFE

SHORTEST_S: Final = 60
LONGEST_S: Final = MAX_TOKEN_LIFE
_USUAL_S: Final = 4 * 3600
_DURATIONS: Final = 3


def choose_lifetime(duration_ms: int, *, wanted_s: int | None, is_preview: bool) -> timedelta:
    """Four hours, or three times the film; less where less is wanted.

    Who may watch the film anyway, its owner and administrators, may want more.
    """
    usual_s = min(max(_USUAL_S, _DURATIONS * duration_ms // 1000), LONGEST_S)
    limit_s = LONGEST_S if is_preview else usual_s
    return timedelta(seconds=usual_s if wanted_s is None else min(wanted_s, limit_s))
