"""Media playlists: the segments of one rendition (RFC 8216 section 4.3.3).

Unknown tags are passed over, as clients must; so parse and render are inverse for playlists
made of the tags below. Media initialization sections are never encrypted here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from shared.hls.attributes import (
    Attributes,
    PlaylistInvalid,
    parse_attributes,
    parse_decimal,
    parse_integer,
    quote,
    read_lines,
    render_attributes,
)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length[@offset]`; without an offset it follows the range before it."""

    length: int
    offset: int | None = None

    def __str__(self) -> str:
        return str(self.length) if self.offset is None else f"{self.length}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Map:
    """EXT-X-MAP: the media initialization section."""

    uri: str
    byte_range: ByteRange | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """EXT-X-KEY: how segments are encrypted; `iv` as written, `0x...`."""

    method: str
    uri: str | None = None
    iv: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One media segment with what holds for it; `duration_s` in seconds as EXTINF writes it."""

    uri: str
    duration_s: Decimal
    byte_range: ByteRange | None = None
    map: Map | None = None
    key: Key | None = None
    discontinuity: bool = False


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A media playlist; `playlist_type` is VOD, EVENT or None."""

    target_duration_s: int
    segments: tuple[Segment, ...]
    version: int = 7
    media_sequence: int = 0
    playlist_type: str | None = None
    independent_segments: bool = False
    i_frames_only: bool = False
    ended: bool = False


def render_media(playlist: MediaPlaylist) -> str:
    """The playlist's text, each tag on a line of its own, `\\n` line ends.

    Raises `PlaylistInvalid` where it would not read back as the same playlist.
    """
    text = "\n".join(_lines(playlist)) + "\n"
    if parse_media(text) != playlist:
        raise PlaylistInvalid("would read back as another playlist")
    return text


def _lines(playlist: MediaPlaylist) -> Iterator[str]:
    yield "#EXTM3U"
    yield f"#EXT-X-VERSION:{playlist.version}"
    yield f"#EXT-X-TARGETDURATION:{playlist.target_duration_s}"
    yield f"#EXT-X-MEDIA-SEQUENCE:{playlist.media_sequence}"
    if playlist.playlist_type is not None:
        yield f"#EXT-X-PLAYLIST-TYPE:{playlist.playlist_type}"
    if playlist.independent_segments:
        yield "#EXT-X-INDEPENDENT-SEGMENTS"
    if playlist.i_frames_only:
        yield "#EXT-X-I-FRAMES-ONLY"
    before = _NOTHING
    for segment in playlist.segments:
        yield from _segment_lines(segment, before)
        before = segment
    if playlist.ended:
        yield "#EXT-X-ENDLIST"


def _segment_lines(segment: Segment, before: Segment) -> Iterator[str]:
    if segment.discontinuity:
        yield "#EXT-X-DISCONTINUITY"
    key = before.key
    if segment.map is not None and segment.map != before.map:
        # A key applies to the maps that follow it, too (section 4.3.2.4).
        if key is not None:
            yield f"#EXT-X-KEY:{_render_key(None)}"
        yield f"#EXT-X-MAP:{_render_map(segment.map)}"
        key = None
    if segment.key != key:
        yield f"#EXT-X-KEY:{_render_key(segment.key)}"
    yield f"#EXTINF:{segment.duration_s:f},"
    if segment.byte_range is not None:
        yield f"#EXT-X-BYTERANGE:{segment.byte_range}"
    yield segment.uri


def _render_map(media_map: Map) -> str:
    byte_range = None if media_map.byte_range is None else str(media_map.byte_range)
    return render_attributes({"URI": quote(media_map.uri), "BYTERANGE": quote(byte_range)})


def _render_key(key: Key | None) -> str:
    if key is None:
        return "METHOD=NONE"
    return render_attributes({"METHOD": key.method, "URI": quote(key.uri), "IV": key.iv})


def parse_media(text: str) -> MediaPlaylist:
    """Parse a media playlist; raise `PlaylistInvalid` when it is none."""
    reader = _Reader()
    for tag, value in read_lines(text):
        if tag:
            reader.read_tag(tag, value)
        else:
            reader.read_uri(value)
    return reader.finish()


class _Reader:
    """The state that tags leave behind for the lines after them."""

    def __init__(self) -> None:
        self.head = MediaPlaylist(-1, (), version=1)
        self.head_tags: set[str] = set()
        self.segments: list[Segment] = []
        self.pending = _NOTHING

    def read_tag(self, tag: str, value: str) -> None:
        if tag in _HEAD_TAGS:
            self.read_head_tag(tag, value)
        elif tag in _SEGMENT_TAGS:
            self.pending = _SEGMENT_TAGS[tag](self.pending, value)

    def read_head_tag(self, tag: str, value: str) -> None:
        if tag in self.head_tags:
            raise PlaylistInvalid(f"{tag} twice")
        self.head_tags.add(tag)
        self.head = _HEAD_TAGS[tag](self.head, value)

    def read_uri(self, uri: str) -> None:
        segment = replace(self.pending, uri=uri)
        if segment.duration_s < 0:
            raise PlaylistInvalid(f"a segment without EXTINF: {uri[:80]!r}")
        _check_byte_range(segment, self.segments[-1] if self.segments else _NOTHING)
        self.segments.append(segment)
        self.pending = replace(_NOTHING, map=segment.map, key=segment.key)

    def finish(self) -> MediaPlaylist:
        if "EXT-X-TARGETDURATION" not in self.head_tags:
            raise PlaylistInvalid("no EXT-X-TARGETDURATION")
        if self.pending.duration_s >= 0:
            raise PlaylistInvalid("ends after an EXTINF")
        longest = max((segment.duration_s for segment in self.segments), default=Decimal(0))
        if longest.to_integral_value(ROUND_HALF_UP) > self.head.target_duration_s:
            raise PlaylistInvalid(f"a segment of {longest:f} s is above EXT-X-TARGETDURATION")
        return replace(self.head, segments=tuple(self.segments))


_NOTHING: Final = Segment("", Decimal(-1))


def _check_byte_range(segment: Segment, before: Segment) -> None:
    """Section 4.3.2.2: without an offset it continues a range of the same resource."""
    if segment.byte_range is None or segment.byte_range.offset is not None:
        return
    if before.uri != segment.uri or before.byte_range is None:
        raise PlaylistInvalid(f"a byte range that continues nothing: {segment.uri[:80]!r}")


def _parse_byte_range(text: str) -> ByteRange:
    length, at, offset = text.partition("@")
    return ByteRange(parse_integer(length), parse_integer(offset) if at else None)


def _parse_map(segment: Segment, value: str) -> Segment:
    if segment.key is not None:
        raise PlaylistInvalid("an encrypted media initialization section")
    attributes = parse_attributes(value)
    byte_range = attributes.quoted("BYTERANGE")
    part = None if byte_range is None else _parse_byte_range(byte_range)
    return replace(segment, map=Map(_required_uri(attributes), part))


def _parse_key(value: str) -> Key | None:
    attributes = parse_attributes(value)
    method, iv = attributes.enumerated("METHOD"), attributes.enumerated("IV")
    if method is None:
        raise PlaylistInvalid("EXT-X-KEY without METHOD")
    if method == "NONE":
        return None
    if iv is not None and not _IV.fullmatch(iv):
        raise PlaylistInvalid(f"not an IV: {iv[:40]!r}")
    return Key(method, _required_uri(attributes), iv)


def _required_uri(attributes: Attributes) -> str:
    uri = attributes.uri("URI")
    if uri is None:
        raise PlaylistInvalid("a URI is missing")
    return uri


def _parse_playlist_type(value: str) -> str:
    if value not in ("VOD", "EVENT"):
        raise PlaylistInvalid(f"no such playlist type: {value[:40]!r}")
    return value


_IV: Final = re.compile(r"0[xX][0-9A-Fa-f]{1,32}")

_HEAD_TAGS: Final[dict[str, Callable[[MediaPlaylist, str], MediaPlaylist]]] = {
    "EXT-X-VERSION": lambda head, value: replace(head, version=parse_integer(value)),
    "EXT-X-TARGETDURATION": lambda head, value: replace(
        head, target_duration_s=parse_integer(value)
    ),
    "EXT-X-MEDIA-SEQUENCE": lambda head, value: replace(head, media_sequence=parse_integer(value)),
    "EXT-X-PLAYLIST-TYPE": lambda head, value: replace(
        head, playlist_type=_parse_playlist_type(value)
    ),
    "EXT-X-INDEPENDENT-SEGMENTS": lambda head, _: replace(head, independent_segments=True),
    "EXT-X-I-FRAMES-ONLY": lambda head, _: replace(head, i_frames_only=True),
    "EXT-X-ENDLIST": lambda head, _: replace(head, ended=True),
}

_SEGMENT_TAGS: Final[dict[str, Callable[[Segment, str], Segment]]] = {
    "EXTINF": lambda segment, value: replace(
        segment, duration_s=parse_decimal(value.partition(",")[0])
    ),
    "EXT-X-BYTERANGE": lambda segment, value: replace(segment, byte_range=_parse_byte_range(value)),
    "EXT-X-MAP": _parse_map,
    "EXT-X-KEY": lambda segment, value: replace(segment, key=_parse_key(value)),
    "EXT-X-DISCONTINUITY": lambda segment, _: replace(segment, discontinuity=True),
}
