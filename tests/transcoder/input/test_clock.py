"""A clock that jumps is made straight, with sound and picture in step."""

import io
from fractions import Fraction
from pathlib import Path

import pytest

from tests.transcoder.clips import Clip, write_clip
from transcoder.errors import SourceCorrupt
from transcoder.input.clock import ClockWatch, Stay, find_shifts
from transcoder.input.packet_scan import Scan, scan_packets
from transcoder.input.source import open_source, read_packets
from transcoder.settings import Settings

PICTURE, SOUND, DATA = 0, 1, 2

# (stream, milliseconds on its clock), in the order of the file
Packets = list[tuple[int, int]]


def follow(packets: Packets, *, may_jump: bool = True) -> list[int]:
    """The section of each packet."""
    watch = ClockWatch(may_jump=may_jump)
    return [
        watch.place(stream, at * 1000, is_heard_or_seen=stream != DATA) for stream, at in packets
    ]


def play(*moments: int, stream: int = PICTURE) -> Packets:
    return [(stream, at) for at in moments]


@pytest.mark.parametrize(
    ("packets", "sections"),
    [
        pytest.param(play(0, 40, 80), [0, 0, 0], id="straight"),
        pytest.param(play(0, 40, 0, 40), [0, 0, 0, 0], id="hardly back"),
        pytest.param(play(0, 2000, 0, 40), [0, 0, 1, 1], id="begins anew"),
        pytest.param(play(0, 40, 3040), [0, 0, 0], id="a gap"),
        pytest.param(play(0, 40, 3_600_000, 3_600_040), [0, 0, 1, 1], id="an hour ahead"),
        pytest.param(play(9000, 9040, 0, 9080, 9120), [0, 0, 1, 0, 0], id="one far back"),
        pytest.param(play(0, 40, 99_000, 120), [0, 0, 1, 0], id="one far ahead"),
        pytest.param(play(0, 40, 5000, 120, 160), [0, 0, 0, 0, 0], id="one a little ahead"),
        pytest.param(
            [(0, 0), (1, 0), (0, 2000), (0, 0), (1, 2000), (1, 0), (0, 40)],
            [0, 0, 0, 1, 0, 1, 1],
            id="sound jumps after the picture",
        ),
        pytest.param(
            [(0, 0), (1, 0), (0, 9000), (0, 18_000), (1, 18_000)],
            [0, 0, 0, 0, 0],
            id="a hole in the sound",
        ),
        pytest.param(
            [(0, 5000), (1, 5000), (1, 0), (0, 5040), (1, 20), (0, 5080)],
            [0, 0, 1, 0, 1, 0],
            id="sound alone jumps",
        ),
        pytest.param(
            [(0, 0), (2, 1000), (0, 2000), (2, 0), (0, 0), (2, 30), (0, 40)],
            [0, 0, 0, 0, 1, 1, 1],
            id="data comes with any time",
        ),
        pytest.param(
            [(0, 0), (0, 2000), (0, 0), (1, 20), (1, 40)],
            [0, 0, 1, 1, 1],
            id="sound begins behind the jump",
        ),
    ],
)
def test_sections_begin_where_the_clock_jumps(packets: Packets, sections: list[int]) -> None:
    assert follow(packets) == sections


def test_elsewhere_pictures_may_stand_for_long_and_times_be_out_of_order() -> None:
    assert follow(play(0, 40, 3_600_000), may_jump=False) == [0, 0, 0]
    assert follow(play(1000, 1533, 1267, 1133, 1067), may_jump=False) == [0] * 5
    assert follow(play(9000, 0, 40), may_jump=False) == [0, 1, 1]


def test_what_has_no_time_stays_where_it_is() -> None:
    watch = ClockWatch(may_jump=True)
    assert [watch.place(0, at) for at in (None, 5_000_000, 0, None)] == [0, 0, 1, 1]


def test_a_clock_that_jumps_all_the_time_is_refused() -> None:
    with pytest.raises(SourceCorrupt, match="jumps more than 1000 times"):
        follow(play(*range(2_000_000, 0, -1000)))


def stay(section: int, begins: float, ends: float) -> Stay:
    return Stay(section, Fraction(begins), Fraction(ends))


@pytest.mark.parametrize(
    ("streams", "shifts"),
    [
        pytest.param([[stay(0, 0, 9)]], {0: 0}, id="straight"),
        pytest.param([[stay(0, 1, 3), stay(1, 1, 3)]], {0: 0, 1: 2}, id="anew"),
        pytest.param([[stay(0, 1, 3), stay(1, 90, 92)]], {0: 0, 1: -87}, id="ahead"),
        pytest.param(
            [[stay(0, 1, 3), stay(1, 1, 3)], [stay(0, 1, 3.5), stay(1, 1, 3.5)]],
            {0: 0, 1: 2.5},
            id="nothing overlaps",
        ),
        pytest.param(
            [[stay(0, 0, 2), stay(1, 0, 2), stay(2, 0, 2)], [stay(1, 0, 1), stay(2, 0, 1)]],
            {0: 0, 1: 2, 2: 4},
            id="one after the other",
        ),
        pytest.param(
            [[stay(0, 0, 2), stay(1, 9, 9.5), stay(0, 2.5, 4)]],
            {0: 0, 1: -7},
            id="there and back",
        ),
    ],
)
def test_sections_follow_on_each_other(streams: list[list[Stay]], shifts: dict[int, float]) -> None:
    assert find_shifts(streams) == shifts


def scan(content: bytes) -> Scan:
    with open_source(io.BytesIO(content), Settings()) as container:
        return scan_packets(
            container, container.streams, size_bytes=len(content), report=lambda _: None
        )


SECOND_PARTS = {"anew": 0.0, "an hour ahead": 3600.0}


@pytest.mark.parametrize("begins_s", SECOND_PARTS.values(), ids=SECOND_PARTS.keys())
@pytest.mark.parametrize(
    ("name", "clip"),
    [("a.ts", Clip(size=(64, 36))),
     ("a.mpg", Clip(size=(64, 36), codec="mpeg2video", audio="mp2"))],
    ids=["MPEG-TS", "MPEG-PS"],
)  # fmt: skip
def test_joined_files_are_one_film(name: str, clip: Clip, begins_s: float, tmp_path: Path) -> None:
    later = Clip(
        size=clip.size,
        codec=clip.codec,
        audio=clip.audio,
        picture_begins_s=begins_s,
        sound_begins_s=begins_s,
    )
    first, second = (write_clip(tmp_path / name, each).read_bytes() for each in (clip, later))
    found = scan(first + second)
    assert {change.stream for change in found.clock} == {PICTURE, SOUND}
    for number, stream in found.streams.items():
        whole = scan(first).streams[number]
        assert stream.packets == 2 * whole.packets
        assert float(stream.end_s - stream.start_s) == pytest.approx(4.05, abs=0.1)
    with open_source(io.BytesIO(first + second), Settings()) as container:
        streams = list(container.streams)
        moments: dict[int, list[Fraction]] = {PICTURE: [], SOUND: []}
        for packet in read_packets(container, streams, found.clock):
            if packet.dts is not None:
                moments[packet.stream_index].append(packet.dts * packet.time_base)
    for times in moments.values():
        assert times == sorted(times)
        assert len(set(times)) == len(times)


def test_a_straight_clock_is_left_alone(clip: bytes) -> None:
    assert scan(clip).clock == ()
