"""Light of a wider range on an ordinary screen: grey stays grey, dark dark, and white is white."""

from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from transcoder.input.colours import is_ordinary, make_cube, read_peak_nits, render_cube
from transcoder.input.facts import Transfer, VideoFacts
from transcoder.picture.pictures import Pictures
from transcoder.planning.ladder import choose_rungs

BT709, BT2020, P3 = 1, 9, 12
PQ, HLG, GAMMA = 16, 18, 1


def encode_pq(nits: float) -> float:
    light = (nits / 10_000) ** (2610 / 16384)
    return float(((3424 / 4096 + 2413 / 128 * light) / (1 + 2392 / 128 * light)) ** (2523 / 32))


def encode_hlg(nits: float) -> float:
    """Of grey on a screen of 1000 nits."""
    scene = (nits / 1000) ** (1 / 1.2)
    if scene <= 1 / 12:
        return float((3 * scene) ** 0.5)
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


def show(signal: tuple[float, float, float], transfer: int, primaries: int) -> NDArray[np.int64]:
    """What becomes of one colour, coded in 10 bits, BT.2020 matrix: red, green and blue."""
    red, green, blue = signal
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    planes = [
        (luma, 876, 64),
        ((blue - luma) / 1.8814, 896, 512),
        ((red - luma) / 1.4746, 896, 512),
    ]
    frame = av.VideoFrame(64, 36, "yuv420p10le")
    for plane, (value, scale, offset) in zip(frame.planes, planes, strict=True):
        samples = np.full(plane.buffer_size // 2, round(value * scale + offset), np.uint16)
        plane.update(samples.tobytes())
    frame.colorspace, frame.color_trc, frame.color_primaries = 9, transfer, primaries
    frame.pts, frame.duration, frame.time_base = 0, 40, Fraction(1, 1000)
    facts = VideoFacts(0, Fraction(0), Fraction(1), 64, 36, Fraction(25))
    pictures = Pictures(choose_rungs(64, 36, Fraction(25)), facts)
    ((_, shown),) = [*pictures.push(frame), *pictures.finish()]
    assert (shown.colorspace, shown.color_trc, shown.color_primaries, shown.color_range) == (
        1,
        1,
        1,
        1,
    )
    return np.asarray(shown.to_ndarray(format="rgb24")[18, 32], np.int64)


LIGHT = [
    pytest.param(0, 0, id="black"),
    pytest.param(1, 28, id="1 nit"),
    pytest.param(10, 73, id="10 nits"),
    pytest.param(50, 142, id="50 nits"),
    pytest.param(100, 189, id="100 nits"),
    pytest.param(203, 230, id="reference white"),
    pytest.param(1000, 255, id="the brightest"),
]


@pytest.mark.parametrize("code", [(PQ, encode_pq), (HLG, encode_hlg)], ids=["PQ", "HLG"])
@pytest.mark.parametrize(("nits", "level"), LIGHT)
def test_grey_light_on_an_ordinary_screen(
    nits: float, level: int, code: tuple[int, object]
) -> None:
    transfer, encode = code
    signal = encode(nits)  # type: ignore[operator]
    seen = show((signal,) * 3, transfer, BT2020)
    assert np.ptp(seen) <= 2
    assert seen.mean() == pytest.approx(level, abs=4)


def test_hues_stay() -> None:
    """A red, a green and a blue of BT.709, at 100 nits of white, as they would be sent in PQ."""
    to_bt2020 = np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    )
    for wanted in ([1, 0.1, 0.1], [0.1, 1, 0.1], [0.1, 0.1, 1], [1, 0.8, 0.2]):
        red, green, blue = (encode_pq(nits) for nits in to_bt2020 @ wanted * 100)
        seen = show((red, green, blue), PQ, BT2020)
        expected = 255 * (np.array(wanted) * 100 / 203) ** (1 / 2.4)
        assert np.abs(seen - expected).max() <= 10


def test_wide_colours_without_a_high_range_are_brought_in() -> None:
    grey = show((0.5, 0.5, 0.5), GAMMA, BT2020)
    assert np.abs(grey - 127.5).max() <= 2
    red = show((0.8, 0.3, 0.3), GAMMA, BT2020)
    assert red[0] > 0.8 * 255 + 5
    assert red[1] < 0.3 * 255 - 5


def test_what_is_ordinary() -> None:
    assert is_ordinary(Transfer.SDR, BT709)
    assert is_ordinary(Transfer.SDR, 2)
    assert not is_ordinary(Transfer.SDR, P3)
    assert not is_ordinary(Transfer.HLG, BT2020)


@pytest.mark.parametrize("peak_nits", [400, 1000, 4000])
def test_more_light_is_never_darker(peak_nits: int) -> None:
    cube = make_cube(Transfer.PQ, BT2020, peak_nits).reshape(33, 33, 33, 3)
    greys = cube[range(33), range(33), range(33)]
    assert (np.diff(greys, axis=0) >= -1e-9).all()
    assert greys[0].max() == 0
    assert greys[-1] == pytest.approx([1, 1, 1], abs=1e-6)


def test_the_text_of_a_cube_has_red_change_fastest() -> None:
    first, dark, nearly = render_cube(make_cube(Transfer.SDR, BT709, 1000)).splitlines()[:3]
    assert first == "LUT_3D_SIZE 33"
    assert dark == "0.000000 0.000000 0.000000"
    assert nearly == "0.031250 0.000000 0.000000"


def test_a_picture_that_says_nothing_has_the_usual_peak() -> None:
    assert read_peak_nits(av.VideoFrame(64, 36, "yuv420p10le")) == 1000
