"""How long a playback URL is good: long enough to watch with pauses, and no longer."""

from datetime import datetime, timedelta
from typing import Final

from control_plane.entitlements.decisions import Rule, Verdict
from shared.tokens import MAX_TOKEN_LIFE

SHORTEST_S: Final = 60
LONGEST_S: Final = MAX_TOKEN_LIFE
_USUAL_S: Final = 4 * 3600
_DURATIONS: Final = 3
_WITHOUT_WINDOW: Final = frozenset({Rule.PREVIEW, Rule.PUBLIC})


def choose_end(
    begins_at: datetime, duration_ms: int, *, verdict: Verdict, wanted_s: int | None
) -> datetime:
    """Four hours on, or three times the film; sooner where that is wanted.

    Who may watch the film anyway, its owner and administrators, may want more. No URL outlives
    the grant that it was issued for.
    """
    usual_s = min(max(_USUAL_S, _DURATIONS * duration_ms // 1000), LONGEST_S)
    limit_s = LONGEST_S if verdict.rule is Rule.PREVIEW else usual_s
    life_s = usual_s if wanted_s is None else min(wanted_s, limit_s)
    return _cut(begins_at, begins_at + timedelta(seconds=life_s), verdict.until)


def choose_start_by(
    begins_at: datetime, ends_at: datetime, *, verdict: Verdict, within_s: int
) -> datetime | None:
    """Until when a session has to begin, so that a URL which lies about opens nothing for long.

    Without a window are the URLs of those who watch anyway, and of what is for everybody.
    """
    if not within_s or verdict.rule in _WITHOUT_WINDOW:
        return None
    return min(begins_at + timedelta(seconds=within_s), ends_at)


def choose_renewed_end(
    session_began_at: datetime, now: datetime, duration_ms: int, *, verdict: Verdict
) -> datetime:
    """As for a new URL, but no URL of a session is good for longer than a day after it began."""
    ends_at = choose_end(now, duration_ms, verdict=verdict, wanted_s=None)
    return min(ends_at, session_began_at + timedelta(seconds=LONGEST_S))


def _cut(begins_at: datetime, ends_at: datetime, until: datetime | None) -> datetime:
    """In whole seconds, as tokens know them, and one at least."""
    if until is None or until >= ends_at:
        return ends_at
    return max(until.replace(microsecond=0), begins_at + timedelta(seconds=1))
