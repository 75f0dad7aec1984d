"""Sound of all around (ambisonics), as it is heard on two sides by somebody who looks ahead."""

from typing import Final

import numpy as np
from av.audio.frame import AudioFrame

from transcoder.planning.sound_choice import is_ambisonic

_LOUDEST: Final = {"s16": 2**15, "s32": 2**31}


def face_ahead(frame: AudioFrame) -> AudioFrame:
    """A frame in stereo; one that is not ambisonic as it is.

    Channels are in the order of ACN (IETF RFC 8486 section 3.1): W is what comes from everywhere, Y
    what comes from the left less what comes from the right. Two microphones that face left and
    right hear half their sum and half their difference.
    """
    if not is_ambisonic(frame.layout.name):
        return frame
    samples = frame.to_ndarray()
    if frame.format.is_packed:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    loudest = _LOUDEST.get(frame.format.packed.name, 1)
    around, aside = samples[:2].astype(np.float32) / (2 * loudest)
    faced = AudioFrame.from_ndarray(
        np.stack([around + aside, around - aside]), format="fltp", layout="stereo"
    )
    faced.sample_rate, faced.pts, faced.time_base = frame.sample_rate, frame.pts, frame.time_base
    return faced
