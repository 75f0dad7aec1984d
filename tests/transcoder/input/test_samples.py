"""Fields are seen in pictures that have them, whatever the file says, and not in others."""

from collections import Counter
from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from transcoder.input.facts import Scan
from transcoder.input.samples import Samples, find_fields


def draw_field(number: int) -> NDArray[np.uint8]:
    """Something with edges that moves to the right."""
    field = np.full((72, 128, 3), 20, np.uint8)
    field[10:60, 4 * number : 4 * number + 24] = 230
    return field


def to_frame(picture: NDArray[np.uint8]) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return frame


def take(scan: Scan, count: int = 10) -> list[av.VideoFrame]:
    pictures = []
    for number in range(count):
        picture = draw_field(2 * number)
        if scan is not Scan.PROGRESSIVE:
            later = 1 if scan is Scan.TOP_FIRST else 0
            picture[later::2] = draw_field(2 * number + 1)[later::2]
        pictures.append(to_frame(picture))
    return pictures


@pytest.mark.parametrize("scan", list(Scan))
def test_what_pictures_are_made_of_is_seen(scan: Scan) -> None:
    ((seen, count),) = Counter(find_fields(take(scan))).most_common(1)
    assert seen is scan
    assert count >= 8


@pytest.mark.parametrize("scan", list(Scan))
def test_what_is_seen_decides(scan: Scan) -> None:
    samples = Samples()
    samples.add([(picture, Fraction(1)) for picture in take(scan)])
    assert samples.scan is scan


def test_pictures_that_stand_still_are_what_they_are_called() -> None:
    samples = Samples(pictures=10, called_interlaced=9)
    assert samples.scan is Scan.TOP_FIRST
    assert Samples(pictures=10, called_interlaced=2).scan is Scan.PROGRESSIVE


@pytest.mark.parametrize(
    ("called_interlaced", "scan"),
    [(10, Scan.TOP_FIRST), (0, Scan.PROGRESSIVE)],
    ids=["called so", "not called so"],
)
def test_film_in_fields_shows_them_in_two_of_five(called_interlaced: int, scan: Scan) -> None:
    seen = Counter({Scan.TOP_FIRST: 4, Scan.PROGRESSIVE: 6})
    samples = Samples(scans=seen, pictures=10, called_interlaced=called_interlaced)
    assert samples.scan is scan


def test_the_shape_is_that_of_most_pictures() -> None:
    samples = Samples()
    samples.add([(av.VideoFrame(64, 36, "yuv420p"), Fraction(1))] * 3)
    samples.add([(av.VideoFrame(128, 72, "yuv420p"), Fraction(1))] * 2)
    samples.add([(av.VideoFrame(128, 72, "yuv420p"), Fraction(4, 3))] * 4)
    assert samples.shape == (128, 72, Fraction(4, 3))
    assert samples.first is not None
    assert samples.first.width == 64
