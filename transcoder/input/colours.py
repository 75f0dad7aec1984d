"""How bright and how colourful a picture is meant to be, and how that is shown on an ordinary
screen.

FFmpeg as it comes in wheels has no filter that would do it well at once, so that the way from the
source's colours to BT.709 is made here, as a table of 33 x 33 x 33 colours (a `.cube`), once for
each film. What is not bright keeps its light; the rest is rolled off as ITU-R BT.2390-10, 5.4.1,
says, on the brightest of a pixel's three parts, so that its hue stays.
"""

import struct
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from transcoder.input.facts import Transfer
from transcoder.input.side_data import read_side_data

Floats = NDArray[np.float64]

CUBE_SIDE: Final = 33

# Transfer characteristics and colour primaries by their numbers in ITU-T H.273.
_TRANSFERS: Final = {16: Transfer.PQ, 18: Transfer.HLG}
_BT709: Final = 1
_BT2020: Final = 9
_P3: Final = 12
_UNSPECIFIED: Final = 2

# Colour matrices that FFmpeg's scaler does not know: YCgCo, ICtCp, IPT and their kin.
UNREADABLE_MATRICES: Final = frozenset({8, 14, 15, 16, 17})

# x and y of red, green and blue; white is D65 in all of them.
_CHROMATICITIES: Final = {
    _BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    _BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    _P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_WHITE: Final = (0.3127, 0.3290)

_LEVEL_BYTES: Final = 4
_DOVI_OFFSET_BYTES: Final = 8
_DOVI_PROFILE_AT: Final = 4
_DOVI_RANGE_AT: Final = 10
_USUAL_NITS: Final = 1000
_PEAKS_NITS: Final = (400, 4000)

# HDR's reference white (ITU-R BT.2408-7, 2.1) is as bright as an ordinary screen gets.
_WHITE_NITS: Final = 203
_SCREEN_GAMMA: Final = 2.4  # ITU-R BT.1886

# SMPTE ST 2084
_PQ_NITS: Final = 10_000
_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128

# ITU-R BT.2100-2, table 5, at the nominal 1000 nits
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_HLG_GAMMA, _HLG_NITS = 1.2, 1000
_HLG_LUMA: Final = np.array([0.2627, 0.6780, 0.0593])


def read_transfer(frame: VideoFrame) -> Transfer:
    return transfer_of(frame.color_trc)


def transfer_of(characteristics: int) -> Transfer:
    return _TRANSFERS.get(characteristics, Transfer.SDR)


def read_peak_nits(frame: VideoFrame) -> int:
    """How bright the brightest pixel of an HDR film is; the usual where it does not say."""
    level = read_side_data(frame, "CONTENT_LIGHT_LEVEL")
    peak = struct.unpack_from("=I", level)[0] if len(level) >= _LEVEL_BYTES else 0
    least, most = _PEAKS_NITS
    return min(max(peak, least), most) if peak else _USUAL_NITS


def needs_dolby_vision(frame: VideoFrame) -> bool:
    """Whether a picture is in Dolby's own colours (profile 5), which show green and violet to all
    who do not apply its metadata. The other profiles are HDR10, HLG or SDR beneath.

    FFmpeg hands the metadata on as it lies in memory (libavutil/dovi_meta.h): where the RPU's
    header is, and in that which profile the RPU has and whether levels are of full range.
    """
    metadata = read_side_data(frame, "DOVI_METADATA")
    if len(metadata) < _DOVI_OFFSET_BYTES:
        return False
    (header,) = struct.unpack_from("=Q", metadata)
    profile = metadata[header + _DOVI_PROFILE_AT : header + _DOVI_PROFILE_AT + 1]
    is_full_range = metadata[header + _DOVI_RANGE_AT : header + _DOVI_RANGE_AT + 1]
    return (profile, is_full_range) == (b"\0", b"\1")


def is_ordinary(transfer: Transfer, primaries: int) -> bool:
    """Whether colours are BT.709's, or so near that nobody sees a difference."""
    return transfer is Transfer.SDR and primaries not in (_BT2020, _P3)


def make_cube(transfer: Transfer, primaries: int, peak_nits: int) -> Floats:
    """What each colour, red changing fastest, becomes in BT.709: an array of colours, 0 to 1."""
    axis = np.linspace(0, 1, CUBE_SIDE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    coded = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    if transfer is Transfer.SDR:
        nits = coded**_SCREEN_GAMMA * _WHITE_NITS
    else:
        nits = _roll_off(_show_light(coded, transfer), _find_peak(transfer, peak_nits))
    linear = nits / _WHITE_NITS @ _convert_to_bt709(primaries, transfer).T
    return np.asarray(np.clip(linear, 0, 1) ** (1 / _SCREEN_GAMMA), np.float64)


def render_cube(cube: Floats) -> str:
    """The text of a `.cube` file."""
    lines = (f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in cube.tolist())
    return f"LUT_3D_SIZE {CUBE_SIDE}\n" + "\n".join(lines) + "\n"


def _find_peak(transfer: Transfer, peak_nits: int) -> int:
    return _HLG_NITS if transfer is Transfer.HLG else peak_nits


def _show_light(coded: Floats, transfer: Transfer) -> Floats:
    """The light, in nits, that a reference display makes of a signal."""
    if transfer is Transfer.PQ:
        return _decode_pq(coded)
    scene = np.where(
        coded <= 1 / 2, coded**2 / 3, (np.exp((coded - _HLG_C) / _HLG_A) + _HLG_B) / 12
    )
    luma = (scene @ _HLG_LUMA)[:, np.newaxis]
    return np.asarray(_HLG_NITS * luma ** (_HLG_GAMMA - 1) * scene, np.float64)


def _decode_pq(coded: Floats) -> Floats:
    power = coded ** (1 / _M2)
    light = np.maximum(power - _C1, 0) / (_C2 - _C3 * power)
    return np.asarray(_PQ_NITS * light ** (1 / _M1), np.float64)


def _encode_pq(nits: Floats) -> Floats:
    light = (nits / _PQ_NITS) ** _M1
    return np.asarray(((_C1 + _C2 * light) / (1 + _C3 * light)) ** _M2, np.float64)


def _roll_off(nits: Floats, peak_nits: int) -> Floats:
    """Bring what is brighter than the screen below its white."""
    brightest = np.clip(nits.max(axis=1, keepdims=True), 1e-6, peak_nits)
    scale: float = _encode_pq(np.array([float(peak_nits)]))[0]
    most: float = _encode_pq(np.array([float(_WHITE_NITS)]))[0] / scale
    signal = _encode_pq(brightest) / scale
    knee = 1.5 * most - 0.5
    t = np.clip((signal - knee) / (1 - knee), 0, 1)
    bent = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * most
    )
    rolled = _decode_pq(np.where(signal < knee, signal, bent) * scale)
    return np.asarray(np.minimum(nits, peak_nits) * rolled / brightest, np.float64)


def _convert_to_bt709(primaries: int, transfer: Transfer) -> Floats:
    """The matrix from linear light of some primaries to that of BT.709. HDR that does not name
    its primaries has those of BT.2020."""
    if primaries not in _CHROMATICITIES:
        primaries = _BT709 if transfer is Transfer.SDR else _BT2020
    to_bt709 = np.linalg.inv(_convert_to_xyz(_CHROMATICITIES[_BT709]))
    return np.asarray(to_bt709 @ _convert_to_xyz(_CHROMATICITIES[primaries]), np.float64)


def _convert_to_xyz(chromaticities: tuple[tuple[float, float], ...]) -> Floats:
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in chromaticities]).T
    x, y = _WHITE
    white = np.array([x / y, 1, (1 - x - y) / y])
    return np.asarray(columns * np.linalg.solve(columns, white), np.float64)
