"""What the transcoder must reach: the table that its benchmark fills in, line by line."""

from typing import Final

from tests.load.goals import Goal, Unit

FFMPEG: Final = "ffmpeg 8.1, one command"

GOALS: Final = (
    Goal("ladder", "wall", FFMPEG, 1.05, 0.95, unit=Unit.SECONDS, at_most=True),
    Goal("ladder", "CPU", FFMPEG, 1.0, None, unit=Unit.SECONDS, at_most=True),
    Goal("ladder", "peak memory", FFMPEG, 0.9, 0.8, unit=Unit.SPACE, at_most=True),
    Goal("ladder", "checks, of its CPU", "", 5, 2, unit=Unit.SHARE, at_most=True),
    Goal("package", "container, from 700 kb/s on", "", 0.3, None, unit=Unit.SHARE, at_most=True),
    Goal("package", "BANDWIDTH, off Shaka's", "", 0.5, None, unit=Unit.SHARE, at_most=True),
    Goal("skew", "sound beside picture", "", 1, 0, unit=Unit.LATENCY, at_most=True),
    Goal("clock", "EXTINF over an hour", "", 1, 0.01, unit=Unit.FRAMES, at_most=True),
    Goal("chunks", "bytes that chunks add", "", 1.5, 0.5, unit=Unit.SHARE, at_most=True),
    Goal("workers", "two, a core each", "one", 1.7, 1.9, unit=Unit.FILMS),
)


def goals_of(row: str) -> tuple[Goal, ...]:
    return tuple(goal for goal in GOALS if goal.row == row)
