"""How bright a picture is meant to be, and how that is shown on an ordinary screen."""

import struct
from typing import Final

from av.video.frame import VideoFrame

from transcoder.facts import Transfer
from transcoder.side_data import read_side_data

# Transfer characteristics by their numbers in ITU-T H.273.
_TRANSFERS: Final = {16: Transfer.PQ, 18: Transfer.HLG}

_LEVEL_BYTES: Final = 4
_USUAL_NITS: Final = 1000
_PEAKS_NITS: Final = (400, 4000)


def read_transfer(frame: VideoFrame) -> Transfer:
    return _TRANSFERS.get(frame.color_trc, Transfer.SDR)


def read_peak_nits(frame: VideoFrame) -> int:
    """How bright the brightest pixel of an HDR film is; the usual where it does not say."""
    level = read_side_data(frame, "CONTENT_LIGHT_LEVEL")
    peak = struct.unpack_from("=I", level)[0] if len(level) >= _LEVEL_BYTES else 0
    least, most = _PEAKS_NITS
    return min(max(peak, least), most) if peak else _USUAL_NITS
