"""Media playlists: what is written reads back, and what breaks RFC 8216 is neither."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.hls.attributes import PlaylistInvalid
from shared.hls.media import (
    ByteRange,
    Key,
    Map,
    MediaPlaylist,
    Segment,
    parse_media,
    render_media,
)
from tests.shared.hls.playlists import media_playlists

INIT = Map("init.mp4")
KEY = Key("AES-128", "../key/1.key")
FIRST = Segment("1.m4s", Decimal(6), map=INIT)
PLAYLIST = MediaPlaylist(6, (FIRST, replace(FIRST, uri="2.m4s")), playlist_type="VOD", ended=True)

HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n"
SEGMENT = "#EXTINF:6,\n1.m4s\n"


def lines_of(*segments: Segment) -> list[str]:
    text = render_media(replace(PLAYLIST, segments=segments))
    return text.splitlines()[5:-1]


@given(playlist=media_playlists)
def test_playlist_written_is_the_playlist_read(playlist: MediaPlaylist) -> None:
    text = render_media(playlist)
    assert parse_media(text) == playlist
    assert render_media(parse_media(text)) == text
    assert parse_media(text.replace("\n", "\r\n")) == playlist


fragments = st.sampled_from(
    [
        "#EXTINF:6,",
        "#EXTINF:5.5",
        "#EXTINF:-1,",
        "#EXT-X-BYTERANGE:1@2",
        "#EXT-X-BYTERANGE:1",
        "#EXT-X-DISCONTINUITY",
        "#EXT-X-ENDLIST",
        "#EXT-X-I-FRAMES-ONLY",
        '#EXT-X-KEY:METHOD=AES-128,URI="k"',
        "#EXT-X-KEY:METHOD=NONE",
        '#EXT-X-MAP:URI="i"',
        '#EXT-X-MAP:URI="i",BYTERANGE="1@2"',
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-UNKNOWN:1",
        "#EXT-X-VERSION:7",
        "# a comment",
        "",
        "two words",
        "1.m4s",
    ]
)


@given(lines=st.lists(fragments, max_size=10))
def test_text_that_is_read_can_be_written_and_says_the_same(lines: list[str]) -> None:
    try:
        playlist = parse_media(HEAD + "\n".join(lines))
    except PlaylistInvalid:
        return
    assert parse_media(render_media(playlist)) == playlist


def test_map_is_written_once_for_all_segments_that_share_it() -> None:
    lines = lines_of(FIRST, replace(FIRST, uri="2.m4s"))
    assert lines == ['#EXT-X-MAP:URI="init.mp4"', "#EXTINF:6,", "1.m4s", "#EXTINF:6,", "2.m4s"]


def test_key_is_written_after_the_map_so_that_the_map_stays_clear() -> None:
    lines = lines_of(replace(FIRST, key=KEY))
    assert lines[:2] == [
        '#EXT-X-MAP:URI="init.mp4"',
        '#EXT-X-KEY:METHOD=AES-128,URI="../key/1.key"',
    ]


def test_new_map_under_a_key_stays_clear() -> None:
    other = Segment("2.m4s", Decimal(6), map=Map("other.mp4"), key=KEY)
    assert lines_of(replace(FIRST, key=KEY), other)[4:] == [
        "#EXT-X-KEY:METHOD=NONE",
        '#EXT-X-MAP:URI="other.mp4"',
        '#EXT-X-KEY:METHOD=AES-128,URI="../key/1.key"',
        "#EXTINF:6,",
        "2.m4s",
    ]


def test_end_of_encryption_is_written() -> None:
    lines = lines_of(replace(FIRST, key=KEY), replace(FIRST, uri="2.m4s"))
    assert lines[4:] == ["#EXT-X-KEY:METHOD=NONE", "#EXTINF:6,", "2.m4s"]


def test_tags_of_others_are_passed_over() -> None:
    text = HEAD + "#EXT-X-VENDOR:x\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z\n" + SEGMENT
    assert parse_media(text).segments == (Segment("1.m4s", Decimal(6)),)


def test_title_of_a_segment_is_passed_over() -> None:
    assert parse_media(HEAD + "#EXTINF:6,a title, of sorts\n1.m4s\n").segments[0].uri == "1.m4s"


def test_playlist_without_version_is_of_version_1() -> None:
    assert parse_media(HEAD).version == 1


def test_range_goes_on_where_the_one_before_it_ended() -> None:
    ranges = "#EXT-X-BYTERANGE:{}\n#EXTINF:6,\n1.m4s\n"
    text = HEAD + ranges.format("10@0") + ranges.format("20")
    assert [segment.byte_range for segment in parse_media(text).segments] == [
        ByteRange(10, 0),
        ByteRange(20),
    ]


BAD_TEXTS = {
    "nothing": "",
    "a page": "<html>",
    "a subtitle": "WEBVTT\n",
    "no target duration": "#EXTM3U\n" + SEGMENT,
    "target duration twice": HEAD + "#EXT-X-TARGETDURATION:6\n",
    "version twice": HEAD + "#EXT-X-VERSION:7\n#EXT-X-VERSION:7\n",
    "type twice": HEAD + "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-PLAYLIST-TYPE:VOD\n",
    "fractional target duration": "#EXTM3U\n#EXT-X-TARGETDURATION:6.5\n",
    "unknown type": HEAD + "#EXT-X-PLAYLIST-TYPE:LIVE\n",
    "negative sequence": HEAD + "#EXT-X-MEDIA-SEQUENCE:-1\n",
    "segment without EXTINF": HEAD + "1.m4s\n",
    "second segment without EXTINF": HEAD + SEGMENT + "2.m4s\n",
    "segment longer than the target duration": HEAD + "#EXTINF:6.5,\n1.m4s\n",
    "negative duration": HEAD + "#EXTINF:-1,\n1.m4s\n",
    "duration of no number": HEAD + "#EXTINF:NaN,\n1.m4s\n",
    "torn off after EXTINF": HEAD + SEGMENT + "#EXTINF:6,\n",
    "URI with a space": HEAD + "#EXTINF:6,\n1 .m4s\n",
    "byte order mark": "\ufeff" + HEAD,
    "range that continues nothing": HEAD + "#EXT-X-BYTERANGE:10\n" + SEGMENT,
    "range that continues a whole": HEAD + SEGMENT + "#EXT-X-BYTERANGE:10\n" + SEGMENT,
    "range that continues another": HEAD
    + "#EXT-X-BYTERANGE:10@0\n"
    + SEGMENT
    + "#EXT-X-BYTERANGE:10\n#EXTINF:6,\n2.m4s\n",
    "range without length": HEAD + "#EXT-X-BYTERANGE:@0\n" + SEGMENT,
    "range without offset after its sign": HEAD + "#EXT-X-BYTERANGE:10@\n" + SEGMENT,
    "map without URI": HEAD + '#EXT-X-MAP:BYTERANGE="1@0"\n',
    "map with a bare URI": HEAD + "#EXT-X-MAP:URI=init.mp4\n",
    "map with an empty range": HEAD + '#EXT-X-MAP:URI="i",BYTERANGE=""\n',
    "map under a key": HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXT-X-MAP:URI="i"\n',
    "key without method": HEAD + '#EXT-X-KEY:URI="k"\n',
    "key without URI": HEAD + "#EXT-X-KEY:METHOD=AES-128\n",
    "key with a quoted method": HEAD + '#EXT-X-KEY:METHOD="NONE"\n',
    "key with an IV of another base": HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=12\n',
    "key with too long an IV": HEAD + f'#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x{"0" * 33}\n',
}


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_other_text_is_no_media_playlist(text: str) -> None:
    with pytest.raises(PlaylistInvalid):
        parse_media(text)


def test_multivariant_playlist_is_no_media_playlist() -> None:
    with pytest.raises(PlaylistInvalid):
        parse_media(HEAD + "#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo.m3u8\n")


@pytest.mark.parametrize(("duration", "target"), [("6.499", 6), ("6.5", 7), ("6", 6)])
def test_duration_may_round_to_the_target_duration(duration: str, target: int) -> None:
    """Section 4.3.3.1."""
    segments = (Segment("1.m4s", Decimal(duration)),)
    assert render_media(MediaPlaylist(target, segments))
    with pytest.raises(PlaylistInvalid, match="above EXT-X-TARGETDURATION"):
        render_media(MediaPlaylist(target - 1, segments))


BAD_SEGMENTS: dict[str, dict[str, Any]] = {
    "URI of two lines": {"uri": "1.m4s\n#EXT-X-ENDLIST"},
    "URI that is a comment": {"uri": "#1.m4s"},
    "no URI": {"uri": ""},
    "negative duration": {"duration_s": Decimal("-0.5")},
    "minus nothing": {"duration_s": Decimal("-0")},
    "endless duration": {"duration_s": Decimal("Infinity")},
    "duration of no number": {"duration_s": Decimal("NaN")},
    "map with quotes": {"map": Map('in"it.mp4')},
    "map of two lines": {"map": Map("init\n.mp4")},
    "negative range": {"byte_range": ByteRange(-1, 0)},
    "key that is none": {"key": Key("NONE")},
    "key without URI": {"key": Key("AES-128")},
    "key with another method": {"key": Key("AES-128,URI=x", "k")},
    "key of two lines": {"key": Key("AES-128", "k", "0x1\n#EXT-X-ENDLIST")},
}


@pytest.mark.parametrize("changes", BAD_SEGMENTS.values(), ids=BAD_SEGMENTS)
def test_segment_that_would_read_otherwise_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(PlaylistInvalid):
        lines_of(replace(FIRST, **changes))


def test_segment_cannot_do_without_the_map_of_the_one_before_it() -> None:
    with pytest.raises(PlaylistInvalid, match="another playlist"):
        lines_of(FIRST, replace(FIRST, map=None))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"target_duration_s": -1}, id="negative target"),
        pytest.param({"version": -1}, id="negative version"),
        pytest.param({"playlist_type": "LIVE"}, id="unknown type"),
        pytest.param({"playlist_type": "VOD\n#EXT-X-ENDLIST"}, id="type of two lines"),
    ],
)
def test_head_that_would_read_otherwise_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(PlaylistInvalid):
        render_media(replace(PLAYLIST, **changes))
