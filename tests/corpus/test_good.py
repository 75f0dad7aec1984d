"""Every good file becomes the film that it shows: upright, in its colours, in time."""

from itertools import pairwise
from pathlib import Path
from statistics import median

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from standalone.demo import CounterUnreadable, read_counter
from tests.corpus.good import GOOD, Good
from tests.corpus.makers import sound_of
from tests.corpus.studio import transcode
from tests.transcoder.clips import Clip, draw_upright
from tests.transcoder.orders import Made
from tests.transcoder.playback import RATE_HZ, listen, measure_delay_ms

# What stands for the rest in the ordinary tests.
EVERYDAY = {"turned by 90, mirrored", "HDR10", "interlaced, upper field first", "a varying rate"}


def everyday_first(good: Good) -> object:
    marks = [] if good.name in EVERYDAY else [pytest.mark.corpus]
    return pytest.param(good, id=good.name, marks=marks)


@pytest.mark.slow
@pytest.mark.parametrize("good", [everyday_first(good) for good in GOOD])
def test_a_good_file_becomes_its_film(good: Good, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    source = good.make(tmp_path / "source")
    outcome = transcode(source, tmp_path)
    assert outcome.made is not None, outcome.failed
    made = outcome.made
    assert outcome.peak_kb < 1_000_000
    assert made.asset.duration_ms / 1000 == pytest.approx(good.seconds, abs=good.within_s)
    sounds = [r for r in made.asset.renditions if r.kind == "audio"]
    assert len(sounds) == good.sounds
    check_pictures(good, made)
    if good.skew_ms is not None:
        check_sound(good, made, sounds[0].id)


def check_pictures(good: Good, made: Made) -> None:
    rungs = [r for r in made.asset.renditions if r.kind == "video"]
    if good.size is None and not rungs:
        return
    top = max(rungs, key=lambda rung: rung.height or 0)
    if good.size is not None:
        assert (top.frame_width_px, top.frame_height_px) == good.size
    with av.open(str(made.folder / f"video/{top.id}/media.m3u8")) as container:
        frames = list(container.decode(video=0))
    times = [frame.time for frame in frames]
    assert len(frames) == round(made.asset.duration_ms * good.rate / 1000)
    assert all(after - before == pytest.approx(1 / good.rate, abs=2e-4)
               for before, after in pairwise(times))  # fmt: skip
    pictures = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]
    if good.shown is not None:
        check_numbers(good, times, pictures)
    if good.has_colours and good.size is not None:
        check_colours(good, pictures[0])


def check_numbers(good: Good, times: list[float], pictures: list[NDArray[np.uint8]]) -> None:
    """The number that stands on a picture is that of the moment, or of the one beside it; a few
    may be torn where fields were taken apart."""
    shown = float(good.shown or 0)
    drawn_s = min(good.seconds - good.begins_s, 2) - 1 / shown if shown else 0.0
    unread = 0
    for time_s, picture in zip(times, pictures, strict=True):
        try:
            number = read_counter(picture)
        except CounterUnreadable:
            unread += 1
            continue
        begins_s = good.begins_s
        if good.again_s is not None and time_s > good.again_s - 0.5 / float(good.rate):
            begins_s = good.again_s
        moment_s = min(max(0.0, time_s - begins_s), drawn_s)
        assert moment_s * shown == pytest.approx(number, abs=max(1.01, shown / 28))
    assert unread <= len(pictures) * good.torn


def check_colours(good: Good, picture: NDArray[np.uint8]) -> None:
    height, width = picture.shape[:2]
    wanted = draw_upright(Clip(size=(width, height), times_s=[0.0]))[0]
    upper = slice(0, height * 3 // 4)
    difference = _blur(picture[upper]) - _blur(wanted[upper])
    assert np.abs(difference).max() < good.light
    assert np.abs(np.median(difference, axis=(0, 1))).max() < good.light / 3


def _blur(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    height, width = picture.shape[0] // 16 * 16, picture.shape[1] // 16 * 16
    blocks = picture[:height, :width].reshape(height // 16, 16, width // 16, 16, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float64)


def check_sound(good: Good, made: Made, rendition: str) -> None:
    heard = listen(made.folder / f"audio/{rendition}/media.m3u8")
    parts = [heard]
    if good.again_s is not None:
        parts = np.split(heard, [round(good.again_s * RATE_HZ)], axis=1)
    for part in parts:
        late_ms = measure_delay_ms(part, sound_of(2)) - good.begins_s * 1000
        assert abs(late_ms) <= (good.skew_ms or 0)


def test_the_corpus_is_large_enough() -> None:
    assert len(GOOD) >= 60
    assert len({good.name for good in GOOD}) == len(GOOD)
    assert median(len(good.name) for good in GOOD) > 5
