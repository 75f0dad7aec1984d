"""Posters: a good picture of the film, or a card that draws its sound."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from standalone.demo import read_counter
from tests.transcoder.clips import Clip, write_clip
from tests.transcoder.orders import Made, transcode
from transcoder.frames import draw_card, score_picture


def read_picture(content: bytes) -> NDArray[Any]:
    with av.open(io.BytesIO(content), "r") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_the_poster_is_a_key_frame_of_the_film(film: Made) -> None:
    poster = read_picture((film.folder / "poster/poster.jpg").read_bytes())
    assert poster.shape == (720, 1280, 3)
    assert read_counter(poster) in (0, 60, 120, 180)


def test_the_poster_of_a_portrait_film_stands_upright(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", Clip(size=(180, 320))).read_bytes()
    made = transcode(source, tmp_path / "store")
    poster = read_picture((made.folder / "poster/poster.jpg").read_bytes())
    assert poster.shape == (320, 180, 3)


def make_detail(low: int, high: int) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(low, high, (90, 160, 3), np.uint8)


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(np.zeros((90, 160, 3), np.uint8), id="black"),
        pytest.param(np.full((90, 160, 3), 255, np.uint8), id="white"),
        pytest.param(np.full((90, 160, 3), 120, np.uint8), id="a flat grey"),
        pytest.param(make_detail(0, 25), id="dark"),
        pytest.param(make_detail(110, 130), id="a fade"),
    ],
)
def test_a_picture_with_light_and_detail_scores_best(worse: NDArray[np.uint8]) -> None:
    assert score_picture(make_detail(0, 255)) > 4 * score_picture(worse)


def test_a_sharp_picture_scores_above_a_soft_one() -> None:
    sharp = make_detail(0, 255)
    soft = np.repeat(np.repeat(sharp[::10, ::10], 10, axis=0), 10, axis=1)
    assert score_picture(sharp) > score_picture(soft)


@pytest.mark.parametrize("peaks", [(), (0.0,), (0.5,) * 1000, (2.0,) * 50], ids=len)
def test_a_card_is_drawn_for_any_sound(peaks: tuple[float, ...]) -> None:
    card = draw_card(peaks)
    assert card.shape == (720, 1280, 3)
    assert card.dtype == np.uint8


def test_loud_sound_has_longer_bars() -> None:
    card = draw_card([0.1] * 500 + [0.9] * 500)
    lit = (card[..., 2] > 200).sum(axis=0)
    assert lit[:600].max() < lit[660:].max() / 4


def test_the_poster_of_sound_alone_is_a_card(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.m4a", Clip(codec=None)).read_bytes()
    made = transcode(source, tmp_path / "store")
    poster = read_picture((made.folder / "poster/poster.jpg").read_bytes())
    assert poster.shape == (720, 1280, 3)
