"""Multivariant playlists: what is written reads back, and what a height limit leaves."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hls.attributes import PlaylistInvalid
from shared.hls.multivariant import (
    IFrameVariant,
    Media,
    MultivariantPlaylist,
    SessionData,
    Variant,
    limit_height,
    parse_multivariant,
    render_multivariant,
)
from tests.shared.hls.playlists import multivariant_playlists

LOW = Variant("360.m3u8", 900_000, resolution=(640, 360), audio="a")
HIGH = Variant("1080.m3u8", 6_000_000, resolution=(1920, 1080), audio="a")
PORTRAIT = Variant("portrait.m3u8", 3_000_000, resolution=(720, 1280), audio="a")
SOUND = Variant("sound.m3u8", 128_000, audio="a")
AUDIO = Media("AUDIO", "a", "English", "audio.m3u8", default=True, autoselect=True)
PLAYLIST = MultivariantPlaylist((HIGH, PORTRAIT, LOW, SOUND), media=(AUDIO,))


@given(playlist=multivariant_playlists)
def test_playlist_written_is_the_playlist_read(playlist: MultivariantPlaylist) -> None:
    text = render_multivariant(playlist)
    assert parse_multivariant(text) == playlist
    assert render_multivariant(parse_multivariant(text)) == text
    assert parse_multivariant(text.replace("\n", "\r\n")) == playlist


fragments = st.sampled_from(
    [
        "#EXT-X-STREAM-INF:BANDWIDTH=1",
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"',
        "#EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE=29.97002,CLOSED-CAPTIONS=NONE",
        '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x2,CLOSED-CAPTIONS="NONE"',
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="i"',
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="A",DEFAULT=NO',
        '#EXT-X-SESSION-DATA:DATA-ID="a.b",VALUE="c"',
        "#EXT-X-UNKNOWN:1",
        "#EXT-X-VERSION:7",
        "# a comment",
        "",
        "two words",
        "v.m3u8",
    ]
)


@given(lines=st.lists(fragments, max_size=8))
def test_text_that_is_read_can_be_written_and_says_the_same(lines: list[str]) -> None:
    try:
        playlist = parse_multivariant("#EXTM3U\n" + "\n".join(lines))
    except PlaylistInvalid:
        return
    assert parse_multivariant(render_multivariant(playlist)) == playlist


def test_frame_rate_has_three_decimal_places() -> None:
    variant = replace(LOW, frame_rate=Decimal(30000) / 1001)
    text = render_multivariant(replace(PLAYLIST, variants=(variant,)))
    assert "FRAME-RATE=29.970," in text
    assert variant.frame_rate == Decimal("29.970")


LIMITS = {
    2160: ["1080.m3u8", "portrait.m3u8", "360.m3u8", "sound.m3u8"],
    1080: ["1080.m3u8", "portrait.m3u8", "360.m3u8", "sound.m3u8"],
    1079: ["portrait.m3u8", "360.m3u8", "sound.m3u8"],
    720: ["portrait.m3u8", "360.m3u8", "sound.m3u8"],
    719: ["360.m3u8", "sound.m3u8"],
    1: ["sound.m3u8"],
}


@pytest.mark.parametrize(("max_height", "left"), LIMITS.items(), ids=map(str, LIMITS))
def test_limit_leaves_the_rungs_whose_short_side_is_within(
    max_height: int, left: list[str]
) -> None:
    limited = limit_height(PLAYLIST, max_height)
    assert [variant.uri for variant in limited.variants] == left
    assert limited.media == PLAYLIST.media


def test_limit_leaves_out_key_frames_above_it_too() -> None:
    i_frames = tuple(
        IFrameVariant(f"{side}.m3u8", 1, resolution=(side * 16 // 9, side)) for side in (720, 360)
    )
    limited = limit_height(replace(PLAYLIST, i_frame_variants=i_frames), 480)
    assert [variant.uri for variant in limited.i_frame_variants] == ["360.m3u8"]


@given(playlist=multivariant_playlists, max_height=st.integers(1, 10_000))
def test_nothing_above_a_limit_is_left(playlist: MultivariantPlaylist, max_height: int) -> None:
    limited = limit_height(playlist, max_height)
    left = [one.resolution for one in limited.variants]
    left += [one.resolution for one in limited.i_frame_variants]
    assert all(size is None or min(size) <= max_height for size in left)
    assert limit_height(limited, max_height) == limited


def test_playlist_with_nothing_to_play_is_not_written() -> None:
    nothing = limit_height(replace(PLAYLIST, variants=(HIGH,)), 360)
    with pytest.raises(PlaylistInvalid, match="no variant"):
        render_multivariant(nothing)


STREAM = "#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n"
BAD_TEXTS = {
    "nothing": "",
    "no variant": "#EXTM3U\n",
    "a media playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n1.m4s\n",
    "URI without a stream": "#EXTM3U\nv.m3u8\n",
    "second URI without a stream": "#EXTM3U\n" + STREAM + "w.m3u8\n",
    "stream without URI": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + STREAM,
    "tag between stream and URI": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-X\nv.m3u8\n",
    "torn off after a stream": "#EXTM3U\n" + STREAM + "#EXT-X-STREAM-INF:BANDWIDTH=1\n",
    "stream without bandwidth": '#EXTM3U\n#EXT-X-STREAM-INF:CODECS="x"\nv.m3u8\n',
    "stream with a fractional bandwidth": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1.5\nv.m3u8\n",
    "stream with a bare codec": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=x\nv.m3u8\n",
    "stream with a quoted range": '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,VIDEO-RANGE="PQ"\nv\n',
    "stream with a huge frame rate": "#EXTM3U\n"
    f"#EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE={'9' * 30}\nv.m3u8\n",
    "stream with no such sound": '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv.m3u8\n',
    "stream with no such text": '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="a"\nv.m3u8\n',
    "stream with sound for text": "#EXTM3U\n"
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="A"\n'
    '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="a"\nv.m3u8\n',
    "rendition without type": '#EXTM3U\n#EXT-X-MEDIA:GROUP-ID="a",NAME="A"\n' + STREAM,
    "rendition without group": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,NAME="A"\n' + STREAM,
    "rendition without name": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a"\n' + STREAM,
    "rendition with a quoted type": '#EXTM3U\n#EXT-X-MEDIA:TYPE="AUDIO",GROUP-ID="a",NAME="A"\n'
    + STREAM,
    "rendition that may be default": "#EXTM3U\n"
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="A",DEFAULT=MAYBE\n' + STREAM,
    "key frames without URI": "#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1\n" + STREAM,
    "key frames without bandwidth": '#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:URI="i"\n' + STREAM,
    "data without name": '#EXTM3U\n#EXT-X-SESSION-DATA:VALUE="c"\n' + STREAM,
    "data without data": '#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID="a"\n' + STREAM,
    "data twice": '#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="c",URI="d"\n' + STREAM,
    "byte order mark": "\ufeff#EXTM3U\n" + STREAM,
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_other_text_is_no_multivariant_playlist(text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        parse_multivariant(text)


BAD_VARIANTS: dict[str, dict[str, Any]] = {
    "URI of two lines": {"uri": "v.m3u8\nw.m3u8"},
    "URI with a comment": {"uri": "v.m3u8\n# v"},
    "URI that is a tag": {"uri": "#EXT-X-ENDLIST"},
    "negative bandwidth": {"bandwidth_bps": -1},
    "codecs with quotes": {"codecs": 'avc1"'},
    "range with more": {"video_range": "SDR,AUDIO=x"},
    "huge picture": {"resolution": (123_456, 1)},
    "sound that is not there": {"audio": "b"},
}


@pytest.mark.parametrize("changes", BAD_VARIANTS.values(), ids=BAD_VARIANTS)
def test_variant_that_would_read_otherwise_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(PlaylistInvalid):
        render_multivariant(replace(PLAYLIST, variants=(replace(LOW, **changes),)))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"type": "AUDIO,DEFAULT=YES"}, id="type with more"),
        pytest.param({"name": 'The "best"'}, id="name with quotes"),
        pytest.param({"name": "two\nlines"}, id="name of two lines"),
        pytest.param({"uri": "a b"}, id="URI with a space"),
    ],
)
def test_rendition_that_would_read_otherwise_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(PlaylistInvalid):
        render_multivariant(replace(PLAYLIST, media=(replace(AUDIO, **changes),)))


def test_data_beside_the_media_is_named_by_its_file() -> None:
    data = SessionData("com.apple.hls.chapters", uri="text/chapters.json")
    text = render_multivariant(replace(PLAYLIST, session_data=(data,)))
    line = '#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.chapters",URI="text/chapters.json"'
    assert line in text.splitlines()


def test_data_that_would_read_otherwise_is_not_written() -> None:
    with pytest.raises(PlaylistInvalid):
        render_multivariant(replace(PLAYLIST, session_data=(SessionData("a"),)))


def test_negative_version_is_not_written() -> None:
    with pytest.raises(PlaylistInvalid):
        render_multivariant(replace(PLAYLIST, version=-1))
