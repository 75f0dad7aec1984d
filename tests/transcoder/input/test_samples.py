"""What is seen of a film decides how it is treated, whatever the file says."""

from collections import Counter
from fractions import Fraction

import av
import pytest

from tests.transcoder.input.woven import take
from transcoder.input.facts import Scan
from transcoder.input.samples import Samples


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
