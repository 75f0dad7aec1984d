"""What the control plane must reach."""

from typing import Final

from tests.load.goals import Goal, Unit

CONSTANT: Final = "a constant answer, same login"

GOALS: Final = (Goal("playback", "a playback URL", CONSTANT, 0.5, 0.7),)

LIST_GOALS: Final = tuple(
    Goal("lists", f"100,000 videos, {role}", "1,000 videos", 2.0, 1.2, Unit.LATENCY, at_most=True)
    for role in ("a visitor", "a viewer", "a creator", "an admin")
)
