"""The demo film says of every frame which one it is, and is the same each time."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from standalone.demo import (
    CounterUnreadable,
    draw_counter,
    draw_pictures,
    make_demo_film,
    make_tone,
    read_counter,
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.mp4"
    make_demo_film(path, seconds=2)
    return path


def decode(path: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(path)) as film:
        yield from film.decode(video=0)


@pytest.mark.parametrize("size", [(1280, 720), (854, 480), (640, 360), (320, 180)], ids=str)
def test_every_frame_tells_its_number_at_every_size(film: Path, size: tuple[int, int]) -> None:
    numbers = [
        read_counter(frame.reformat(*size, format="rgb24").to_ndarray()) for frame in decode(film)
    ]
    assert numbers == list(range(60))


@pytest.mark.parametrize("number", [0, 1, 719, 2**16 - 1])
def test_drawn_numbers_are_read_back(number: int) -> None:
    picture = np.full((720, 1280, 3), 90, np.uint8)
    draw_counter(picture, number)
    assert read_counter(picture) == number


def test_a_picture_without_a_strip_is_refused() -> None:
    with pytest.raises(CounterUnreadable, match="no strip"):
        read_counter(np.full((720, 1280, 3), 90, np.uint8))


def test_a_strip_with_a_flipped_block_is_refused() -> None:
    picture = np.zeros((720, 1280, 3), np.uint8)
    draw_counter(picture, 5)
    picture[-60:, 1280 * 10 // 19 : 1280 * 11 // 19] ^= 255
    with pytest.raises(CounterUnreadable, match="parity"):
        read_counter(picture)


def test_the_film_lasts_as_long_as_asked_and_has_sound(film: Path) -> None:
    with av.open(str(film)) as container:
        assert container.duration == pytest.approx(2_000_000, abs=30_000)
        assert [stream.type for stream in container.streams] == ["video", "audio"]


def test_the_film_is_the_same_each_time(film: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.mp4"
    make_demo_film(again, seconds=2)
    assert again.read_bytes() == film.read_bytes()


def test_the_picture_moves() -> None:
    first, _, third = islice(draw_pictures((320, 180), rate=30), 3)
    assert np.count_nonzero(first != third) > first.size // 10


def test_the_tone_changes_every_second() -> None:
    peaks = [np.argmax(np.abs(np.fft.rfft(make_tone(second)[0]))) for second in range(8)]
    assert len(set(peaks)) == 8
