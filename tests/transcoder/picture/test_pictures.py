"""Pictures of every rung: the right way up, in the right colours, on an even time grid."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from transcoder.input.facts import Scan, VideoFacts
from transcoder.picture.pictures import Pictures
from transcoder.planning.ladder import Rung, choose_rungs

MILLISECOND = Fraction(1, 1000)


def make_frame(picture: NDArray[np.uint8], at_ms: int, pixels: str = "yuv420p") -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
    frame.pts, frame.duration, frame.time_base = at_ms, 20, MILLISECOND
    return frame


def fill(colour: tuple[int, int, int], width: int = 64, height: int = 36) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def push_all(
    rungs: tuple[Rung, ...],
    frames: list[av.VideoFrame],
    facts: VideoFacts | None = None,
    **span: Any,
) -> list[tuple[int, av.VideoFrame]]:
    pictures = Pictures(rungs, facts or facts_of(frames), **span)
    pushed = [out for frame in frames for out in pictures.push(frame)]
    return pushed + list(pictures.finish())


def facts_of(frames: list[av.VideoFrame], **changes: Any) -> VideoFacts:
    width, height = (frames[0].width, frames[0].height) if frames else (64, 36)
    facts = VideoFacts(0, Fraction(0), Fraction(1), width, height, Fraction(25))
    return replace(facts, **changes)


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


@pytest.mark.parametrize("is_mirrored", [False, True], ids=["as it is", "mirrored"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pictures_are_mirrored_then_turned_counter_clockwise(
    rotation: int, is_mirrored: bool
) -> None:
    coded = fill((0, 0, 0), 64, 36)
    coded[:18, :32] = 255  # upper left
    wanted = np.rot90(np.fliplr(coded) if is_mirrored else coded, rotation // 90)
    height, width = wanted.shape[:2]
    rungs = choose_rungs(width, height, Fraction(25))
    frames = [make_frame(coded, 0)]
    facts = facts_of(frames, rotation=rotation, is_mirrored=is_mirrored)
    ((_, frame),) = push_all(rungs, frames, facts)
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


@pytest.mark.parametrize(
    ("size", "inner"),
    [
        pytest.param((128, 72), (64, 36), id="the same shape"),
        pytest.param((65, 37), (64, 36), id="nearly the same shape"),
        pytest.param((128, 128), (36, 36), id="square"),
        pytest.param((36, 64), (20, 36), id="upright"),
        pytest.param((320, 36), (64, 8), id="wide"),
    ],
)
def test_pictures_of_another_size_are_fitted_in(
    size: tuple[int, int], inner: tuple[int, int]
) -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    red = (200, 40, 40)
    frames = [make_frame(fill(red), 0), make_frame(fill(red, *size), 40)]
    _, (_, picture) = push_all(rungs, frames)
    assert (picture.width, picture.height) == (64, 36)
    is_red = picture.to_ndarray(format="rgb24")[..., 0] > 100
    assert (is_red.any(axis=0).sum(), is_red.any(axis=1).sum()) == pytest.approx(inner, abs=2)
    across, down = np.flatnonzero(is_red.any(axis=0)), np.flatnonzero(is_red.any(axis=1))
    assert across[0] + across[-1] == pytest.approx(63, abs=2)
    assert down[0] + down[-1] == pytest.approx(35, abs=2)


@pytest.mark.parametrize("scan", [Scan.PROGRESSIVE, Scan.TOP_FIRST])
def test_pictures_of_other_pixels_are_fitted_in(scan: Scan) -> None:
    """As when a television recorder begins in 4:3 and goes on in 16:9."""
    frames = [make_frame(fill((200, 40, 40), 48, 36), 40 * number) for number in range(6)]
    facts = facts_of(frames, pixel_aspect=Fraction(4, 3), scan=scan)
    pictures = Pictures(choose_rungs(64, 36, Fraction(25)), facts)
    aspects = [Fraction(1)] * 3 + [None] * 3
    pairs = zip(frames, aspects, strict=True)
    out = [o for frame, aspect in pairs for o in pictures.push(frame, aspect)]
    out += pictures.finish()
    red = [picture.to_ndarray(format="rgb24")[18, :, 0] > 100 for _, picture in out]
    widths = [int(row.sum()) for row in red]
    assert widths == pytest.approx([48] * 3 + [64] * 3, abs=2)


def test_pictures_may_change_to_and_fro() -> None:
    forms = ["yuv420p", "yuv444p", "rgb24", "yuvj420p", "yuv422p10le", "gray8"] * 2
    frames = [make_frame(fill((200, 40, 40)), 40 * n, form) for n, form in enumerate(forms)]
    out = push_all(choose_rungs(64, 36, Fraction(25)), frames)
    wanted = [frame.to_ndarray(format="rgb24")[18, 32].astype(int) for frame in frames]
    seen = [frame.to_ndarray(format="rgb24")[18, 32].astype(int) for _, frame in out]
    assert np.abs(np.array(seen) - wanted).max() <= 6


def grey_ramp(count: int, step_ms: int = 40) -> list[av.VideoFrame]:
    levels = [20 + 6 * number for number in range(count)]
    return [make_frame(fill((g, g, g)), step_ms * n) for n, g in enumerate(levels)]


def levels_of(pictures: list[tuple[int, av.VideoFrame]]) -> list[int]:
    return [round((p.to_ndarray(format="rgb24").mean() - 20) / 6) for _, p in pictures]


def test_a_part_of_a_film_is_what_it_is_in_the_whole() -> None:
    """Uneven times, and a source that is faster than the rungs."""
    rungs = choose_rungs(64, 36, Fraction(25))
    frames = grey_ramp(30, step_ms=27)
    whole = levels_of(push_all(rungs, frames))
    for begin in (0, 1, 4, 11, 19):
        start_s, until_s = Fraction(begin, 25), Fraction(begin + 6, 25)
        for skipped in range(begin + 1):
            part = push_all(rungs, frames[skipped:], start_s=start_s, until_s=until_s)
            assert levels_of(part) == (whole + [29] * 6)[begin : begin + 6]


def test_low_rungs_of_a_part_have_the_moments_they_have_in_the_whole() -> None:
    rungs = choose_rungs(854, 480, Fraction(50))
    frames = [make_frame(fill((9, 9, n), 854, 480), 20 * n) for n in range(12)]
    out = push_all(rungs, frames, start_s=Fraction(4, 50), until_s=Fraction(10, 50))
    assert Counter(number for number, _ in out) == {0: 3, 1: 6}


def test_missing_pictures_at_the_end_are_the_last_one() -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    assert levels_of(push_all(rungs, grey_ramp(3), until_s=Fraction(6, 25))) == [0, 1, 2, 2, 2, 2]


def test_pictures_beyond_the_end_are_left_out() -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    assert levels_of(push_all(rungs, grey_ramp(9), until_s=Fraction(4, 25))) == [0, 1, 2, 3]


def test_pictures_that_fall_back_in_time_are_left_out() -> None:
    rungs = choose_rungs(64, 36, Fraction(25))
    frames = grey_ramp(5)
    frames[2].pts = 0
    assert levels_of(push_all(rungs, frames)) == [0, 1, 1, 3, 4]


def weave(fields: list[NDArray[np.uint8]], scan: Scan) -> list[av.VideoFrame]:
    """Pictures of two fields each, at 25 a second."""
    first = 0 if scan is Scan.TOP_FIRST else 1
    frames = []
    for number, (one, other) in enumerate(zip(fields[::2], fields[1::2], strict=True)):
        woven = one.copy()
        woven[1 - first :: 2] = other[1 - first :: 2]
        frames.append(make_frame(woven, 40 * number))
    return frames


@pytest.mark.parametrize("scan", [Scan.TOP_FIRST, Scan.BOTTOM_FIRST])
def test_each_field_becomes_a_picture(scan: Scan) -> None:
    fields = []
    for number in range(20):
        field = fill((20, 20, 20), 128, 72)
        field[:, 4 * number : 4 * number + 16] = 230
        fields.append(field)
    frames = weave(fields, scan)
    rungs = tuple(replace(r, frame_rate=Fraction(50)) for r in choose_rungs(128, 72, Fraction(50)))
    out = push_all(rungs, frames, facts_of(frames, scan=scan))
    pictures = [picture.to_ndarray(format="gray8") for _, picture in out]
    assert len(pictures) == 20
    for number, picture in enumerate(pictures[2:-2], 2):
        middle = np.flatnonzero(picture[30:42].mean(axis=0) > 125).mean()
        assert middle == pytest.approx(4 * number + 7.5, abs=0.6)
        assert np.abs(np.diff(picture[30:42].astype(int), axis=0)).max() < 40  # no combs


def test_no_picture_makes_none() -> None:
    assert push_all(choose_rungs(64, 36, Fraction(25)), []) == []
