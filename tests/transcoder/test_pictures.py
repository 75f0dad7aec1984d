"""Pictures of every rung: the right way up, in the right colours, on an even time grid."""

from collections import Counter
from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from transcoder.ladder import Rung, choose_rungs
from transcoder.pictures import Pictures

MILLISECOND = Fraction(1, 1000)


def make_frame(picture: NDArray[np.uint8], at_ms: int, pixels: str = "yuv420p") -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
    frame.pts, frame.duration, frame.time_base = at_ms, 20, MILLISECOND
    return frame


def fill(colour: tuple[int, int, int], width: int = 64, height: int = 36) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def push_all(
    rungs: tuple[Rung, ...], frames: list[av.VideoFrame], *, rotation: int = 0
) -> list[tuple[int, av.VideoFrame]]:
    pictures = Pictures(rungs, rotation=rotation)
    pushed = [out for frame in frames for out in pictures.push(frame)]
    return pushed + list(pictures.finish())


def test_every_rung_gets_every_picture() -> None:
    rungs = choose_rungs(1280, 720, Fraction(25))
    frames = [make_frame(fill((9, 9, 9), 1280, 720), 40 * number) for number in range(5)]
    out = push_all(rungs, frames)
    assert Counter(number for number, _ in out) == {0: 5, 1: 5, 2: 5}
    sizes = {number: (frame.width, frame.height) for number, frame in out}
    assert sizes == {0: (640, 360), 1: (854, 480), 2: (1280, 720)}


@pytest.mark.parametrize(
    ("moments_ms", "shown"),
    [
        pytest.param([0, 40, 80, 120], [0, 1, 2, 3], id="even"),
        pytest.param([0, 38, 83, 121], [0, 1, 2, 3], id="jittery"),
        pytest.param([0, 200], [0, 0, 0, 0, 0, 1], id="a pause"),
        pytest.param([0, 10, 20, 30, 40], [1, 4], id="too many"),
        pytest.param([80, 120], [0, 0, 0, 1], id="begins later than the film"),
    ],
)
def test_pictures_at_an_even_rate(moments_ms: list[int], shown: list[int]) -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    grey = [fill((50 * n, 50 * n, 50 * n)) for n in range(len(moments_ms))]
    frames = [make_frame(picture, at) for picture, at in zip(grey, moments_ms, strict=True)]
    out = [frame.to_ndarray(format="gray8").mean() / 50 for _, frame in push_all(rungs, frames)]
    assert [round(level) for level in out] == shown


def test_a_low_rung_of_a_fast_film_gets_every_second_picture() -> None:
    rungs = choose_rungs(854, 480, Fraction(50))
    frames = [make_frame(fill((9, 9, 9), 854, 480), 20 * number) for number in range(7)]
    assert Counter(number for number, _ in push_all(rungs, frames)) == {0: 4, 1: 7}


def test_a_long_pause_is_handed_out_to_all_rungs_in_turn() -> None:
    rungs = choose_rungs(854, 480, Fraction(25))
    frames = [make_frame(fill((9, 9, 9), 854, 480), at) for at in (0, 60_000)]
    order = [number for number, _ in push_all(rungs, frames)]
    assert Counter(order) == {0: 1501, 1: 1501}
    assert max(abs(Counter(order[:n])[0] - Counter(order[:n])[1]) for n in range(0, 3000, 97)) <= 1


@pytest.mark.parametrize("rotation", [0, 90, 180, 270, -90])
def test_pictures_are_turned_counter_clockwise(rotation: int) -> None:
    coded = fill((0, 0, 0), 64, 36)
    coded[:18, :32] = 255  # upper left
    wanted = np.rot90(coded, rotation // 90)
    height, width = wanted.shape[:2]
    rungs = choose_rungs(width, height, Fraction(25))
    ((_, frame),) = push_all(rungs, [make_frame(coded, 0)], rotation=rotation)
    seen = frame.to_ndarray(format="rgb24")
    assert seen.shape == wanted.shape
    assert np.abs(seen.astype(int) - wanted).mean() < 12


@pytest.mark.parametrize(
    "pixels", ["yuv420p", "yuvj420p", "yuv444p", "yuv422p10le", "rgb24", "gray8"]
)
@pytest.mark.parametrize("colour", [(200, 40, 40), (40, 200, 40), (40, 40, 200), (250, 250, 250)])
def test_colours_are_kept(pixels: str, colour: tuple[int, int, int]) -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    frame = make_frame(fill(colour), 0, pixels)
    ((_, out),) = push_all(rungs, [frame])
    wanted = frame.to_ndarray(format="rgb24")[18, 32].astype(int)
    seen = out.to_ndarray(format="rgb24")[18, 32].astype(int)
    assert (out.format.name, out.colorspace, out.color_range) == ("yuv420p", 1, 1)
    assert np.abs(seen - wanted).max() <= 6


def test_pictures_may_change_their_size_in_mid_film() -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    frames = [make_frame(fill((200, 40, 40)), 0), make_frame(fill((200, 40, 40), 128, 128), 40)]
    out = push_all(rungs, frames)
    assert [(frame.width, frame.height) for _, frame in out] == [(64, 36)] * 2


def test_no_picture_makes_none() -> None:
    assert push_all(choose_rungs(64, 36, Fraction(25)), []) == []
