"""Which of a picture's two times is believed."""

import pytest

from transcoder.picture.picture_clock import PictureClock


@pytest.mark.parametrize(
    ("times", "chosen"),
    [
        pytest.param([(0, 0), (1, 1), (2, 2)], [0, 1, 2], id="both in order"),
        pytest.param([(0, -2), (1, -1), (2, 0)], [0, 1, 2], id="decoded ahead"),
        pytest.param([(1, 2), (3, 3), (4, 4), (2, 5), (6, 6)], [1, 3, 4, 5, 6], id="AVI"),
        pytest.param([(None, 0), (None, 1)], [0, 1], id="decode times alone"),
        pytest.param([(5, None), (6, None)], [5, 6], id="no decode times"),
        pytest.param([(None, None)], [None], id="none"),
        pytest.param([(0, 0), (1, 0), (2, 0)], [0, 1, 2], id="decode times that stand still"),
    ],
)
def test_time_of_a_picture(
    times: list[tuple[int | None, int | None]], chosen: list[int | None]
) -> None:
    clock = PictureClock()
    assert [clock.choose_time(pts, dts) for pts, dts in times] == chosen
