"""Tests for control_plane/playback/lifetimes.py."""

import pytest

from control_plane.playback.lifetimes import choose_lifetime

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize(
    ("film_s", "wanted_s", "is_preview", "seconds"),
    [
        pytest.param(MINUTE, None, False, 4 * HOUR, id="a short film"),
        pytest.param(2 * HOUR, None, False, 6 * HOUR, id="a long film"),
        pytest.param(9 * HOUR, None, False, 24 * HOUR, id="no longer than any token"),
        pytest.param(MINUTE, 10 * MINUTE, False, 10 * MINUTE, id="less is wanted"),
        pytest.param(MINUTE, 24 * HOUR, False, 4 * HOUR, id="more is wanted"),
        pytest.param(MINUTE, 24 * HOUR, True, 24 * HOUR, id="more is wanted by the owner"),
        pytest.param(MINUTE, None, True, 4 * HOUR, id="the owner wants nothing"),
    ],
)
def test_a_url_lives_for_as_long_as_watching_takes(
    film_s: int, wanted_s: int | None, is_preview: bool, seconds: int
) -> None:
    life = choose_lifetime(film_s * 1000, wanted_s=wanted_s, is_preview=is_preview)
    assert life.total_seconds() == seconds
