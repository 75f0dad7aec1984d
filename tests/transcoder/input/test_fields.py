"""Fields are seen in pictures that have them, whatever the file says, and not in others."""

from collections import Counter

import numpy as np
import pytest

from tests.transcoder.input.woven import take, to_frame
from transcoder.input.facts import Scan
from transcoder.input.fields import find_fields


@pytest.mark.parametrize("scan", list(Scan))
def test_what_pictures_are_made_of_is_seen(scan: Scan) -> None:
    ((seen, count),) = Counter(find_fields(take(scan))).most_common(1)
    assert seen is scan
    assert count >= 8


@pytest.mark.parametrize("lines", [2, 8])
def test_text_that_is_scrolled_has_no_fields(lines: int) -> None:
    ink = np.random.default_rng(7).random((32, 64)) < 0.4
    page = np.where(np.repeat(np.repeat(ink, 4, axis=0), 2, axis=1), 20, 230).astype(np.uint8)
    screens = [page[lines * number : lines * number + 48] for number in range(8)]
    frames = [to_frame(np.repeat(screen[..., np.newaxis], 3, axis=2)) for screen in screens]
    assert set(find_fields(frames)) <= {Scan.PROGRESSIVE}
