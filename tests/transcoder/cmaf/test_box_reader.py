"""What was written reads back; what is damaged is refused, whatever the damage."""

import io
from contextlib import suppress
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcoder.cmaf.test_boxes import AUDIO, VIDEO
from transcoder.cmaf.box_reader import BoxInvalid, find_box, find_media, read_boxes
from transcoder.cmaf.boxes import Sample, write_chunk, write_init, write_segment_type
from transcoder.cmaf.fragment_reader import read_fragments
from transcoder.cmaf.init_reader import SampleEntry, TrackFacts, read_init

VIDEO_ENTRY = SampleEntry("avc1", "avc1.64001f", "h264", VIDEO.avc_config, 1280, 720)
AUDIO_ENTRY = SampleEntry("mp4a", "mp4a.40.2", "aac", AUDIO.audio_config, channels=2)
INIT = TrackFacts(1, "vide", 15360, VIDEO_ENTRY)
PICTURES = [Sample(b"abc", 1, 1538, is_sync=False), Sample(b"de", 512, 513, is_sync=False)]
SEGMENT = (
    write_segment_type()
    + write_chunk([Sample(b"key", 510)], sequence=1, decode_time=0)
    + write_chunk(PICTURES, sequence=2, decode_time=510)
)


def test_initialization_segments_read_back() -> None:
    assert read_init(write_init(VIDEO)) == INIT
    assert read_init(write_init(AUDIO)) == TrackFacts(1, "soun", 48000, AUDIO_ENTRY)


def test_fragments_read_back() -> None:
    key, rest = read_fragments(SEGMENT, INIT)
    assert [(s.decode_time, s.duration, s.shown_at) for s in key.samples] == [(0, 510, 0)]
    assert [(s.decode_time, s.duration, s.shown_at) for s in rest.samples] == [
        (510, 1, 2048),
        (511, 512, 1024),
    ]
    assert [s.size_bytes for s in rest.samples] == [3, 2]


def test_the_media_of_a_chunk_is_found() -> None:
    assert find_media(write_chunk([Sample(b"key", 510)], sequence=1, decode_time=0)) == b"key"


def test_large_boxes_are_read() -> None:
    large = bytes.fromhex("00000001 6d646174 0000000000000013 616263")
    assert [(box.kind, bytes(box.content)) for box in read_boxes(large)] == [(b"mdat", b"abc")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\0\0\0", id="no whole header"),
        pytest.param(bytes.fromhex("00000010 6d646174 6162"), id="longer than what is there"),
        pytest.param(bytes.fromhex("00000004 6d646174"), id="shorter than its header"),
        pytest.param(bytes.fromhex("00000001 6d646174 00000000"), id="no whole large header"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(content: bytes) -> None:
    with pytest.raises(BoxInvalid):
        list(read_boxes(content))


def test_a_missing_box_is_named() -> None:
    with pytest.raises(BoxInvalid, match="no moov/trak/mdia"):
        find_box(write_segment_type(), b"moov", b"trak", b"mdia")


def test_a_fragment_without_media_is_refused() -> None:
    with pytest.raises(BoxInvalid, match="without mdat"):
        read_fragments(SEGMENT[: SEGMENT.rindex(b"mdat") - 4], INIT)


def test_a_fragment_whose_sizes_do_not_add_up_is_refused() -> None:
    chunk = bytearray(write_chunk(PICTURES, sequence=2, decode_time=0))
    chunk[-6 - 8 - 5] += 1  # the last row's size
    with pytest.raises(BoxInvalid, match="do not lie in their mdat"):
        read_fragments(bytes(chunk), INIT)


@given(st.integers(0, len(SEGMENT) - 1), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place: int, value: int) -> None:
    damaged = bytearray(SEGMENT)
    damaged[place] = value
    with suppress(BoxInvalid):
        read_fragments(bytes(damaged), INIT)


@given(st.data())
def test_a_changed_initialization_segment_is_read_or_refused(data: st.DataObject) -> None:
    damaged = bytearray(write_init(VIDEO))
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BoxInvalid):
        read_init(bytes(damaged))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(BoxInvalid):
        read_fragments(content, INIT)


def test_what_others_write_is_read() -> None:
    """FFmpeg's own fragmented MP4: default sizes and flags, first-sample flags, a longer tfhd."""
    file = io.BytesIO()
    options = {"movflags": "cmaf+frag_keyframe+empty_moov+default_base_moof"}
    with av.open(file, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    content = file.getvalue()
    init = read_init(content)
    fragments = read_fragments(content[content.index(b"moof") - 4 :], init)
    assert init.entry.decoder == "h264"
    assert sum(len(fragment.samples) for fragment in fragments) == 10
