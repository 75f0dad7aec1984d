"""Plans of films that nobody has: as long as they need to be."""

from fractions import Fraction
from typing import Any

from transcoder.input.facts import AudioFacts, SourceFacts, VideoFacts
from transcoder.planning.plan import Plan, plan_film
from transcoder.settings import Settings


def make_plan(
    seconds: float,
    *,
    size: tuple[int, int] | None = (1280, 720),
    rate: Fraction = Fraction(30),
    has_sound: bool = True,
    is_seekable: bool = True,
    **video: Any,
) -> Plan:
    """The plan of a film with sound and, at `size`, pictures."""
    end_s = Fraction(seconds)
    facts = None
    if size is not None:
        facts = VideoFacts(0, Fraction(0), end_s, *size, frame_rate=rate, **video)
    audio = (AudioFacts(1, Fraction(0), end_s),) if has_sound else ()
    source = SourceFacts(end_s, video=facts, audio=audio, is_seekable=is_seekable)
    return plan_film(source, Settings())
