"""Where streams end is told by their packets, to the tick."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.transcoder.clips import Clip, write_clip
from transcoder.input.packet_scan import StreamScan, scan_packets
from transcoder.input.source import open_source
from transcoder.settings import Settings


def scan(path: Path) -> dict[str, StreamScan]:
    content = path.read_bytes()
    with open_source(io.BytesIO(content), Settings()) as container:
        kinds = {stream.index: stream.type for stream in container.streams}
        found = scan_packets(
            container, container.streams, size_bytes=len(content), report=lambda _: None
        )
    return {kinds[number]: stream for number, stream in found.streams.items()}


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("a.mp4", Clip()),
        ("a.mkv", Clip()),
        ("a.ts", Clip()),
        ("a.flv", Clip()),
        ("a.mpg", Clip(codec="mpeg2video", audio="mp2")),
        ("a.avi", Clip()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stream_lasts_as_long_as_its_packets(name: str, clip: Clip, tmp_path: Path) -> None:
    found = scan(write_clip(tmp_path / name, clip))
    for stream in found.values():
        assert float(stream.end_s - stream.start_s) == pytest.approx(2, abs=0.1)
    picture = found["video"]
    assert float(picture.end_s - picture.start_s) == pytest.approx(2, abs=0.002)
    assert picture.packets == 60
    assert len(picture.key_times) >= 1


def test_only_times_of_decoding_are_no_good_times(tmp_path: Path) -> None:
    assert scan(write_clip(tmp_path / "a.mp4", Clip()))["video"].is_well_timed()
    assert not scan(write_clip(tmp_path / "a.avi", Clip()))["video"].is_well_timed()


def packet(at: int | None, lasts: int, *, is_key: bool = False) -> "av.Packet[Any]":
    made: av.Packet[Any] = av.Packet(100)
    made.pts, made.dts, made.duration, made.is_keyframe = at, at, lasts, is_key
    return made


def test_what_does_not_say_how_long_it_lasts_lasts_as_long_as_is_usual() -> None:
    stream = StreamScan(Fraction(1, 100))
    for at in (0, 4, 12, 8):
        stream.add(packet(at, 0))
    assert stream.end_s == Fraction(16, 100)


@pytest.mark.parametrize(("is_picture", "ends"), [(True, 16), (False, 40)])
def test_a_picture_is_over_when_the_next_is_shown(is_picture: bool, ends: int) -> None:
    stream = StreamScan(Fraction(1, 100), is_picture=is_picture)
    for at, lasts in ((0, 4), (12, 4), (4, 36), (8, 4)):
        stream.add(packet(at, lasts))
    assert stream.end_s == Fraction(ends, 100)


def test_doubled_times_are_no_good_times() -> None:
    stream = StreamScan(Fraction(1, 100))
    for at in (0, 4, 4):
        stream.add(packet(at, 4))
    assert not stream.is_well_timed()


def test_what_is_shown_at_the_same_moment_is_stuck() -> None:
    stream = StreamScan(Fraction(1, 100))
    for at in (0, 4, 4, None, 4, 8):
        stream.add(packet(at, 4))
    assert stream.stuck_s == Fraction(4, 100)


def test_sections_are_shifted_apart() -> None:
    stream = StreamScan(Fraction(1, 100))
    for section, at in ((0, 50), (0, 54), (1, 0), (1, 4), (1, 8)):
        stream.add(packet(at, 4, is_key=at == 0), section)
    stream.shift({0: Fraction(0), 1: Fraction(58, 100)})
    assert stream.times.tolist() == [50, 54, 58, 62, 66]
    assert stream.key_times.tolist() == [58]
    assert (stream.start_s, stream.end_s) == (Fraction(50, 100), Fraction(70, 100))


def test_packets_without_times_are_counted() -> None:
    stream = StreamScan(Fraction(1, 100))
    stream.add(packet(None, 4))
    assert (stream.packets, stream.untimed) == (1, 1)
    assert stream.end_s == 0
    assert stream.bit_rate_bps is None


def test_the_longest_way_between_key_frames() -> None:
    stream = StreamScan(Fraction(1))
    for at in range(20):
        stream.add(packet(at, 1, is_key=at in (0, 5)))
    assert stream.longest_group_s == 15


def test_the_way_through_the_file_is_told(clip: bytes) -> None:
    told: list[float] = []
    with open_source(io.BytesIO(clip), Settings()) as container:
        scan_packets(container, container.streams, size_bytes=len(clip), report=told.append)
    assert all(0 <= share <= 1 for share in told)
