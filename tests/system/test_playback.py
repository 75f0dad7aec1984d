"""The announced playback URL in a player of another make: FFmpeg, through PyAV."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin
from urllib.request import urlopen

import av
import av.error
import pytest
from av.container import InputContainer

from shared.hls.multivariant import MultivariantPlaylist, parse_multivariant
from shared.paths import SOUND_PLAYLIST
from standalone.demo import read_counter
from tests.stack import Stack

pytestmark = pytest.mark.system

SECONDS = 24
RATE = 30


@contextmanager
def play(url: str) -> Iterator[InputContainer]:
    with av.open(url, timeout=(20, 20)) as film:
        yield film


def read_playlist(stack: Stack) -> MultivariantPlaylist:
    with urlopen(stack.announced["playback_url"]) as response:  # noqa: S310
        return parse_multivariant(response.read().decode())


def list_rungs(stack: Stack) -> dict[int, str]:
    """The media playlists by height."""
    variants = read_playlist(stack).variants
    return {
        variant.resolution[1]: urljoin(stack.announced["playback_url"], variant.uri)
        for variant in variants
        if variant.resolution
    }


def test_film_lasts_as_long_as_it_was_made(stack: Stack) -> None:
    with play(stack.announced["playback_url"]) as film:
        assert film.duration is not None
        assert film.duration / av.time_base == pytest.approx(SECONDS, abs=0.1)


def test_the_film_can_be_listened_to_alone(stack: Stack) -> None:
    url = urljoin(stack.announced["playback_url"], SOUND_PLAYLIST)
    with play(url) as sound:
        assert {stream.type for stream in sound.streams} == {"audio"}
        heard_s = sum(frame.samples / frame.sample_rate for frame in sound.decode(audio=0))
    assert heard_s == pytest.approx(SECONDS, abs=0.1)


def test_every_rung_shows_every_frame_in_its_place(stack: Stack) -> None:
    rungs = list_rungs(stack)
    assert len(rungs) >= 3
    for url in rungs.values():
        with play(url) as film:
            shown = [
                (read_counter(frame.to_ndarray(format="rgb24")), frame.time)
                for frame in film.decode(video=0)
            ]
        assert [number for number, _ in shown] == list(range(SECONDS * RATE))
        start = shown[0][1]
        assert start is not None
        for number, time in shown:
            assert time - start == pytest.approx(number / RATE, abs=0.001)


@pytest.mark.parametrize("target_s", [5.0, 11.5, 23.0])
def test_seek_lands_where_it_was_told(stack: Stack, target_s: float) -> None:
    with play(max(list_rungs(stack).items())[1]) as film:
        stream = film.streams.video[0]
        assert stream.time_base is not None
        film.seek(int(target_s / stream.time_base) + (stream.start_time or 0), stream=stream)
        for frame in film.decode(stream):
            assert frame.time is not None
            if frame.time >= target_s:
                break
        number = read_counter(frame.to_ndarray(format="rgb24"))
    assert number / RATE == pytest.approx(target_s, abs=0.5)


def test_sound_and_picture_begin_together(stack: Stack) -> None:
    begin: dict[str, float] = {}
    with play(stack.announced["playback_url"]) as film:
        for frame in film.decode(video=0, audio=0):
            assert isinstance(frame, av.VideoFrame | av.AudioFrame)
            assert frame.time is not None
            begin.setdefault(type(frame).__name__, frame.time)
            if len(begin) == 2:
                break
    assert begin["VideoFrame"] == pytest.approx(begin["AudioFrame"], abs=0.010)


def test_other_signature_plays_nothing(stack: Stack) -> None:
    url: str = stack.announced["playback_url"]
    token = url.split("/")[4]
    signed, _, signature = token.rpartition(".")
    forged = f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    with pytest.raises(av.error.HTTPForbiddenError), play(url.replace(token, forged)):
        pass
