"""A rung's encoder: key frames where they belong, the same bytes each time, errors heard."""

import os
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import PictureType

from transcoder.cmaf.fragment_reader import read_fragments
from transcoder.cmaf.init_reader import read_init
from transcoder.cmaf.segments import Sink
from transcoder.picture.rung_encoder import RungEncoder
from transcoder.planning.chunks import Stretch
from transcoder.planning.ladder import Rung, choose_rungs

RUNG = choose_rungs(128, 72, Fraction(30))[0]


class DiskFull(Exception):
    """A sink's own error."""


def make_picture(number: int) -> av.VideoFrame:
    noise = np.random.default_rng(number // 7).integers(0, 256, (72, 128, 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="yuv420p")
    # decoded pictures bring types along that are not the encoder's business
    frame.pict_type = PictureType.I if number % 11 == 0 else PictureType.B
    return frame


def encode(
    count: int, sink: Sink, rung: Rung = RUNG, preset: str = "veryfast", first: int = 1
) -> RungEncoder:
    encoder = RungEncoder(Stretch(rung, first, count), preset=preset, sink=sink)
    with ThreadPoolExecutor(1) as threads:
        encoder.start(threads)
        try:
            for number in range(count):
                encoder.put(make_picture(number))
        finally:
            encoder.finish()
    encoder.check()
    return encoder


def keep(files: dict[str, bytes]) -> Sink:
    def sink(name: str, content: bytes) -> str:
        files[name] = content
        return ""

    return sink


def test_key_frames_come_every_two_seconds_and_nowhere_else() -> None:
    files: dict[str, bytes] = {}
    encoder = encode(150, keep(files))
    durations = [c.duration_s for s in encoder.rendition.segments for c in s.key_chunks]
    assert durations == [2, 2, 1]
    assert encoder.done == 1


def test_the_same_pictures_give_the_same_bytes() -> None:
    first, second = dict[str, bytes](), dict[str, bytes]()
    encode(70, keep(first))
    encode(70, keep(second))
    assert first == second


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast", "medium"])
def test_pictures_are_shown_from_zero_on_whatever_the_preset(preset: str) -> None:
    files: dict[str, bytes] = {}
    encode(20, keep(files), preset=preset)
    init = read_init(files["video/72/init.mp4"])
    fragments = read_fragments(files["video/72/1.m4s"], init)
    shown = sorted(sample.shown_at for f in fragments for sample in f.samples)
    assert shown == [number * 512 for number in range(20)]


@pytest.mark.parametrize(
    ("rate", "timescale", "ticks"),
    [
        (Fraction(30), 15360, 512),
        (Fraction(30000, 1001), 30000, 1001),
        (Fraction(24000, 1001), 24000, 1001),
        (Fraction(25), 12800, 512),
    ],
    ids=str,
)
def test_a_picture_lasts_a_whole_number_of_ticks(
    rate: Fraction, timescale: int, ticks: int
) -> None:
    encoder = encode(1, keep({}), rung=choose_rungs(128, 72, rate)[0])
    track = encoder.rendition.track
    assert (track.timescale, track.sample_duration) == (timescale, ticks)


def read_sequences(segment: bytes) -> list[int]:
    """The numbers of a segment's fragments, from their `mfhd` boxes."""
    return [struct.unpack(">I", part[4:8])[0] for part in segment.split(b"mfhd")[1:]]


def test_a_stretch_in_the_midst_has_its_place_in_the_film() -> None:
    beginning, midst = dict[str, bytes](), dict[str, bytes]()
    encode(200, keep(beginning))
    encode(200, keep(midst), first=3)
    assert list(midst) == ["video/72/3.m4s", "video/72/4.m4s"]
    init = read_init(beginning["video/72/init.mp4"])
    first, third = (
        read_fragments(files[f"video/72/{number}.m4s"], init)
        for files, number in ((beginning, 1), (midst, 3))
    )
    assert read_sequences(beginning["video/72/1.m4s"]) == [1, 2, 3, 4, 5, 6]
    assert read_sequences(midst["video/72/3.m4s"]) == [13, 14, 15, 16, 17, 18]
    for early, late in zip(first, third, strict=True):
        assert [s.size_bytes for s in early.samples] == [s.size_bytes for s in late.samples]
        shifts = {b.shown_at - a.shown_at for a, b in zip(early.samples, late.samples, strict=True)}
        assert shifts == {360 * 512}


def test_a_rung_that_is_not_the_largest_stands_back_and_its_process_does_not() -> None:
    seen: list[int] = []

    def sink(_name: str, _content: bytes) -> str:
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return ""

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    encoder = RungEncoder(Stretch(RUNG, 1, 1), preset="veryfast", sink=sink, stands_back=True)
    with ThreadPoolExecutor(1) as threads:
        encoder.start(threads)
        encoder.put(make_picture(0))
        encoder.finish()
    encoder.check()
    assert seen[-1] == min(19, before + 10)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_what_goes_wrong_in_the_thread_is_raised_and_blocks_nobody() -> None:
    def sink(name: str, content: bytes) -> str:
        if name.endswith(".m4s"):
            raise DiskFull(f"{name}: {len(content)}")
        return ""

    with pytest.raises(DiskFull):
        encode(500, sink)
