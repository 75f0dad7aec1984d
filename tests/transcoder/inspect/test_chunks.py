"""What a chunk has made is checked where it was made."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest

from shared.asset import etag_of
from shared.hls.media import MediaPlaylist, parse_media
from tests.transcoder.inspect.packages import Files, load_files
from tests.transcoder.orders import Made
from transcoder.cmaf.boxes import AudioTrack, VideoTrack
from transcoder.cmaf.film import AudioRendition, KeyChunk, VideoRendition, WrittenSegment
from transcoder.cmaf.init_reader import TrackFacts, read_init
from transcoder.inspect.chunks import find_chunk_faults
from transcoder.planning.ladder import Rung

VIDEO: Final = "video/360"
SOUND: Final = "audio/stereo"
RUNG: Final = Rung(360, 640, 360, Fraction(30), 23, 900_000)

Change = Callable[[VideoRendition, Files], VideoRendition]


@pytest.fixture
def files(film: Made) -> Files:
    return load_files(film.folder)


def read_playlist(files: Files, name: str) -> MediaPlaylist:
    return parse_media(files[name].decode())


def describe_segments(files: Files, folder: str) -> tuple[WrittenSegment, ...]:
    """What was written, by what playlists say of it."""
    key_frames = read_playlist(files, f"{folder}/iframes.m3u8").segments if folder == VIDEO else ()
    return tuple(
        WrittenSegment(
            size_bytes=len(files[f"{folder}/{segment.uri}"]),
            etag=etag_of(files[f"{folder}/{segment.uri}"]),
            duration_s=Fraction(segment.duration_s),
            key_chunks=tuple(
                KeyChunk(key.byte_range.offset or 0, key.byte_range.length, Fraction(0))
                for key in key_frames
                if key.uri == segment.uri and key.byte_range
            ),
        )
        for segment in read_playlist(files, f"{folder}/media.m3u8").segments
    )


def track_of(files: Files, folder: str) -> TrackFacts:
    return read_init(files[f"{folder}/init.mp4"])


def picture_of(files: Files) -> VideoRendition:
    facts = track_of(files, VIDEO)
    track = VideoTrack(640, 360, facts.timescale, facts.timescale // 30, facts.entry.config)
    return VideoRendition(VIDEO, "avc1", describe_segments(files, VIDEO), track, RUNG)


def sound_of(files: Files) -> AudioRendition:
    facts = track_of(files, SOUND)
    track = AudioTrack(2, facts.timescale, 1024, facts.entry.config, 128_000)
    segments = tuple(
        # the playlist rounds to microseconds
        replace(s, duration_s=Fraction(round(s.duration_s * 48_000 / 1024) * 1024, 48_000))
        for s in describe_segments(files, SOUND)
    )
    return AudioRendition(SOUND, "mp4a", segments, track)


def test_nothing_is_said_of_what_is_as_it_should_be(files: Files) -> None:
    renditions = (picture_of(files), sound_of(files))
    assert list(find_chunk_faults(renditions, files.__getitem__)) == []


def test_a_later_chunk_begins_where_it_should(files: Files) -> None:
    later = picture_of(files)
    later = replace(later, segments=later.segments[1:])
    assert list(find_chunk_faults([later], files.__getitem__, first=2)) == []


def lose_bytes(rendition: VideoRendition, files: Files) -> VideoRendition:
    files[f"{VIDEO}/1.m4s"] = files[f"{VIDEO}/1.m4s"][:-1]
    return rendition


def spoil_key_frame(rendition: VideoRendition, files: Files) -> VideoRendition:
    content = bytearray(files[f"{VIDEO}/1.m4s"])
    place = content.index(b"mdat") + 1_000  # behind what x264 says of itself
    content[place : place + 400] = bytes(400)
    return rewrite(rendition, files, bytes(content))


def rewrite(rendition: VideoRendition, files: Files, content: bytes) -> VideoRendition:
    files[f"{VIDEO}/1.m4s"] = content
    return on_first(rendition, size_bytes=len(content), etag=etag_of(content))


def on_first(rendition: VideoRendition, **changes: object) -> VideoRendition:
    first, *others = rendition.segments
    return replace(rendition, segments=(replace(first, **changes), *others))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(lose_bytes, "is not the file that was written", id="a byte is lost"),
        pytest.param(spoil_key_frame, "1 key frames do not decode", id="broken key frame"),
        pytest.param(
            lambda rendition, files: rewrite(rendition, files, b"\0" * 40),
            "cannot be read: ",
            id="no boxes",
        ),
        pytest.param(
            lambda rendition, _: on_first(rendition, duration_s=Fraction(5)),
            "lasts from 0.0000 to 6.0000 s",
            id="another length",
        ),
        pytest.param(
            lambda rendition, _: on_first(
                rendition, key_chunks=rendition.segments[0].key_chunks[1:]
            ),
            "has its key frames elsewhere",
            id="a key frame is not named",
        ),
    ],
)
def test_what_is_wrong_is_found(files: Files, change: Change, text: str) -> None:
    rendition = change(picture_of(files), files)
    found = [str(fault) for fault in find_chunk_faults([rendition], files.__getitem__)]
    assert found[0].startswith(f"{VIDEO}/1.m4s: {text}"), found


def test_pictures_that_belong_elsewhere_are_found(files: Files) -> None:
    found = list(find_chunk_faults([picture_of(files)], lambda name: files[shift(name)], first=3))
    assert {fault.text for fault in found} == {
        "lasts from 0.0000 to 6.0000 s",
        "lasts from 6.0000 to 7.0000 s",
    }


def shift(name: str) -> str:
    """Segments 3 and 4 are the first and the second."""
    return name.replace("/3.", "/1.").replace("/4.", "/2.")
