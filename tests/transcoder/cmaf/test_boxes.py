"""The CMAF writer, byte for byte: a change here is a change of every file that is made."""

import hashlib

import pytest

from transcoder.cmaf.boxes import (
    AudioTrack,
    Sample,
    Track,
    VideoTrack,
    write_chunk,
    write_init,
    write_segment_type,
)
from transcoder.cmaf.fragment_reader import read_fragments
from transcoder.cmaf.init_reader import read_init

VIDEO = VideoTrack(
    1280, 720, 15360, 512, avc_config=bytes.fromhex("0164001fffe1000167010001680000")
)
AUDIO = AudioTrack(2, 48000, 1024, audio_config=bytes.fromhex("119056e500"), bit_rate_bps=128_000)


def test_segment_type() -> None:
    assert write_segment_type() == bytes.fromhex(
        "0000001c 73747970  6d736468 00000000  6d736468 6d736978 636d6673"
    )


def test_chunk_of_a_key_frame() -> None:
    chunk = write_chunk([Sample(b"picture", 510, 0)], sequence=7, decode_time=92160)
    assert chunk == bytes.fromhex(
        "00000068 6d6f6f66"
        "  00000010 6d666864  00000000 00000007"
        "  00000050 74726166"
        "    00000018 74666864  00020028 00000001 000001fe 02000000"
        "    00000014 74666474  01000000 00000000 00016800"
        "    0000001c 7472756e  00000a01 00000001 00000070  00000007 00000000"
        "0000000f 6d646174  70696374757265"
    )


def test_chunk_of_frames_with_times_of_their_own() -> None:
    samples = [Sample(b"abc", 1, 1538, is_sync=False), Sample(b"de", 512, 513, is_sync=False)]
    assert write_chunk(samples, sequence=2, decode_time=510) == bytes.fromhex(
        "00000078 6d6f6f66"
        "  00000010 6d666864  00000000 00000002"
        "  00000060 74726166"
        "    00000018 74666864  00020028 00000001 00000200 01010000"
        "    00000014 74666474  01000000 00000000 000001fe"
        "    0000002c 7472756e  00000b01 00000002 00000080"
        "      00000001 00000003 00000602"
        "      00000200 00000002 00000201"
        "0000000d 6d646174  6162636465"
    )


def test_durations_are_written_only_of_the_run_that_has_unusual_ones() -> None:
    unusual = [Sample(b"abc", 1, 9, is_sync=False)]
    usual = [Sample(b"de", 512, 8, is_sync=False)] * 6
    assert write_chunk([*unusual, *usual], sequence=2, decode_time=510) == bytes.fromhex(
        "000000b0 6d6f6f66"
        "  00000010 6d666864  00000000 00000002"
        "  00000098 74726166"
        "    00000018 74666864  00020028 00000001 00000200 01010000"
        "    00000014 74666474  01000000 00000000 000001fe"
        "    00000020 7472756e  00000b01 00000001 000000b8  00000001 00000003 00000009"
        "    00000044 7472756e  00000a01 00000006 000000bb"
        + "  00000002 00000008" * 6
        + "00000017 6d646174  616263"
        + "6465" * 6
    )


def test_pictures_of_a_group_are_read_as_they_were_written() -> None:
    durations = [1, 1, *[512] * 20, 1024, 1536]
    samples = [
        Sample(bytes(number + 1), duration, 600 - number, is_sync=False)
        for number, duration in enumerate(durations)
    ]
    track = read_init(write_init(VIDEO))
    (fragment,) = read_fragments(write_chunk(samples, sequence=1, decode_time=510), track)
    assert [s.duration for s in fragment.samples] == durations
    assert [s.shown_at - s.decode_time for s in fragment.samples] == [600 - n for n in range(24)]
    assert [s.size_bytes for s in fragment.samples] == [n + 1 for n in range(24)]


def test_chunk_of_sound_has_a_size_for_each_frame_and_nothing_else() -> None:
    samples = [Sample(b"abc", 1024), Sample(b"de", 1024)]
    assert write_chunk(samples, sequence=2, decode_time=1024) == bytes.fromhex(
        "00000068 6d6f6f66"
        "  00000010 6d666864  00000000 00000002"
        "  00000050 74726166"
        "    00000018 74666864  00020028 00000001 00000400 02000000"
        "    00000014 74666474  01000000 00000000 00000400"
        "    0000001c 7472756e  00000201 00000002 00000070  00000003 00000002"
        "0000000d 6d646174  6162636465"
    )


def test_decode_times_go_beyond_four_bytes() -> None:
    assert bytes.fromhex("01000000 0000000100000000") in write_chunk(
        [Sample(b"x", 1024)], sequence=1, decode_time=2**32
    )


@pytest.mark.parametrize(
    ("track", "digest"),
    [
        pytest.param(
            VIDEO, "a6abe3fa244e738ae03798adf569995ab3703ee3ee7942339a0a440558392476", id="video"
        ),
        pytest.param(
            AUDIO, "58ab1640d054cce6b343f410373d79a08b4f90983aa027f99e5ee75aea75c9bc", id="audio"
        ),
    ],
)
def test_initialization_segment(track: Track, digest: str) -> None:
    assert hashlib.sha256(write_init(track)).hexdigest() == digest


@pytest.mark.parametrize("track", [VIDEO, AUDIO], ids=["video", "audio"])
def test_no_track_has_an_edit_list(track: Track) -> None:
    assert b"elst" not in write_init(track)
