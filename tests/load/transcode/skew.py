"""How far sound and picture of a package are apart, as a player finds them."""

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from standalone.demo import read_counter
from tests.transcoder.clips import Clip, hear
from tests.transcoder.playback import measure_delay_ms

SKEW_CLIP: Final = Clip(seconds=4)


def measure_skew_ms(picture: Path, sound: Path) -> float:
    """The absolute difference of both delays, each against the clip both were made of."""
    return abs(_sound_delay_ms(sound) - _picture_delay_ms(picture))


def _picture_delay_ms(playlist: Path) -> float:
    """When the first picture is shown, against when its number says."""
    with av.open(str(playlist)) as container:
        frame = next(container.decode(video=0))
    number = read_counter(frame.to_ndarray(format="rgb24"))
    return float(Fraction(str(frame.time)) - number / SKEW_CLIP.rate) * 1000


def _sound_delay_ms(playlist: Path) -> float:
    with av.open(str(playlist)) as container:
        frames = list(container.decode(audio=0))
    heard: NDArray[Any] = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    return measure_delay_ms(heard, hear(SKEW_CLIP)) + 1000 * (frames[0].time or 0.0)
