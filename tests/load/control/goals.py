"""What the control plane must reach."""

from typing import Final

from tests.load.goals import Goal

CONSTANT: Final = "a constant answer, same login"

GOALS: Final = (Goal("playback", "a playback URL", CONSTANT, 0.5, 0.7),)
