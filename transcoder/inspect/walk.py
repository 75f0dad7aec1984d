"""From a multivariant playlist to everything it names, each file read once, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import av

from shared.captions import CaptionsInvalid, parse_captions
from shared.hls.attributes import PlaylistInvalid
from shared.hls.media import ByteRange, MediaPlaylist, parse_media
from shared.hls.media import Segment as Listed
from shared.hls.multivariant import MultivariantPlaylist, parse_multivariant
from transcoder.cmaf.box_reader import BoxInvalid
from transcoder.inspect.decoding import MediaInvalid, SegmentReader
from transcoder.inspect.media import open_reader
from transcoder.inspect.presentation import (
    KeyEntry,
    KeyFrame,
    KeyStream,
    Presentation,
    Segment,
    Stream,
    TextSegment,
    TextStream,
)
from transcoder.inspect.sources import Source, SourceUnreadable

_UNREADABLE: Final = (
    BoxInvalid,
    MediaInvalid,
    PlaylistInvalid,
    SourceUnreadable,
    UnicodeDecodeError,
    av.FFmpegError,
)
_SIGNATURE: Final = b"WEBVTT"
_TIMESTAMP_MAP: Final = b"X-TIMESTAMP-MAP="
_ARROW: Final = b"-->"


class PresentationUnreadable(Exception):
    """There is no multivariant playlist to begin with."""


def walk_presentation(source: Source, address: str, *, decodes_all: bool = False) -> Presentation:
    """Read the package whose multivariant playlist lies at `address`; what is wrong with a part of
    it stands in the result. Raises `PresentationUnreadable`."""
    try:
        text = source.read(address).decode()
        if "#EXT-X-STREAM-INF" not in text and "#EXTINF" in text:
            raise PresentationUnreadable(
                f"{source.show(address)} is a media playlist: the multivariant one is wanted"
            )
        main = parse_multivariant(text)
    except _UNREADABLE as error:
        raise PresentationUnreadable(f"{source.show(address)} cannot be read: {error}") from error
    return _Walk(source, address, main, decodes_all=decodes_all).go()


@dataclass(slots=True)
class _Place:
    """A segment of a playlist: where it lies."""

    address: str
    name: str
    byte_range: ByteRange | None
    listed: Listed

    @property
    def listed_s(self) -> Fraction:
        return Fraction(self.listed.duration_s)

    @property
    def offset(self) -> int:
        return (self.byte_range.offset or 0) if self.byte_range else 0


@dataclass(slots=True)
class _Walk:
    """The reading of one package."""

    source: Source
    address: str
    main: MultivariantPlaylist
    decodes_all: bool
    presentation: Presentation = field(init=False)
    key_frames: dict[tuple[str, int], KeyFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.presentation = Presentation(self.source.show(self.address), self.main)

    def go(self) -> Presentation:
        for uri in self._list_streams():
            with self._noting(uri):
                self.presentation.streams[uri] = self._read_stream(uri)
        for i_frames in self.main.i_frame_variants:
            with self._noting(i_frames.uri):
                self.presentation.key_streams[i_frames.uri] = self._read_key_stream(i_frames.uri)
        for media in self.main.media:
            if media.type == "SUBTITLES" and media.uri is not None:
                with self._noting(media.uri):
                    self.presentation.texts[media.uri] = self._read_text(media.uri)
        return self.presentation

    @contextmanager
    def _noting(self, uri: str) -> Iterator[None]:
        """What makes a playlist unreadable is noted, and the walk goes on."""
        try:
            yield
        except MemoryError:
            raise
        except _UNREADABLE as error:
            name = self.source.show(self.source.resolve(self.address, uri))
            self.presentation.unreadable[name] = str(error)

    def _list_streams(self) -> Iterator[str]:
        """Pictures and sound, each once, as the multivariant playlist lists them."""
        uris = [variant.uri for variant in self.main.variants]
        uris += [m.uri for m in self.main.media if m.uri and m.type in ("AUDIO", "VIDEO")]
        yield from dict.fromkeys(uris)

    def _read_playlist(self, uri: str) -> tuple[str, MediaPlaylist]:
        address = self.source.resolve(self.address, uri)
        playlist = parse_media(self.source.read(address).decode())
        if not playlist.segments:
            raise PlaylistInvalid("no segments are listed")
        return address, playlist

    def _read_stream(self, uri: str) -> Stream:
        address, playlist = self._read_playlist(uri)
        reader: SegmentReader | None = None
        init = playlist.segments[0].map
        segments: list[Segment] = []
        for place in self._locate(address, playlist):
            if place.listed.map != init:
                raise MediaInvalid(f"{place.name} has an EXT-X-MAP of its own")
            content = self.source.read(place.address, place.byte_range)
            reader = reader or self._open_reader(address, place.listed, content)
            segments.append(self._measure(place, content, reader))
        assert reader is not None  # noqa: S101
        return Stream(
            name=self.source.show(address),
            playlist=playlist,
            container=reader.container,
            segments=tuple(segments),
            picture=reader.picture,
            sound=reader.sound,
            looks=tuple(reader.looks),
        )

    def _open_reader(self, address: str, first: Listed, content: bytes) -> SegmentReader:
        init = None
        if first.map is not None:
            place = self.source.resolve(address, first.map.uri)
            init = self.source.read(place, first.map.byte_range)
        return open_reader(init, content, decodes_all=self.decodes_all)

    def _measure(self, place: _Place, content: bytes, reader: SegmentReader) -> Segment:
        try:
            picture, sound = reader.measure(content)
        except (BoxInvalid, MediaInvalid) as error:
            raise MediaInvalid(f"{place.name}: {error}") from error
        for key in picture.key_frames if picture else ():
            if key.chunk >= 0:
                self.key_frames[place.address, place.offset + key.chunk] = key
        return Segment(place.name, place.listed_s, len(content), picture, sound)

    def _locate(self, address: str, playlist: MediaPlaylist) -> Iterator[_Place]:
        """Where a playlist's segments lie; a byte range without an offset follows the one before
        (RFC 8216 section 4.3.2.2)."""
        end = 0
        for segment in playlist.segments:
            if segment.key is not None:
                raise MediaInvalid("is encrypted, which is not opened here")
            place = self.source.resolve(address, segment.uri)
            part = segment.byte_range
            if part is not None:
                part = ByteRange(part.length, end if part.offset is None else part.offset)
                end = (part.offset or 0) + part.length
            yield _Place(place, self.source.show(place), part, segment)

    def _read_key_stream(self, uri: str) -> KeyStream:
        address, playlist = self._read_playlist(uri)
        reader: SegmentReader | None = None
        entries: list[KeyEntry] = []
        for place in self._locate(address, playlist):
            key = self.key_frames.get((place.address, place.offset))
            if key is not None and place.byte_range is not None:
                entries.append(_judge_known(place, key))
                continue
            content = self.source.read(place.address, place.byte_range)
            reader = reader or self._open_reader(address, place.listed, content)
            entries.append(KeyEntry(place.name, reader.judge_key_frame(content)))
        return KeyStream(self.source.show(address), playlist, tuple(entries))

    def _read_text(self, uri: str) -> TextStream:
        address, playlist = self._read_playlist(uri)
        segments = tuple(
            _judge_text(place, self.source.read(place.address, place.byte_range))
            for place in self._locate(address, playlist)
        )
        return TextStream(self.source.show(address), playlist, segments)


def _judge_known(place: _Place, key: KeyFrame) -> KeyEntry:
    """An entry whose bytes were met before, in the segment that holds them."""
    if not key.is_good:
        return KeyEntry(place.name, "does not decode")
    length = place.byte_range.length if place.byte_range else 0
    is_whole = key.chunk + length >= key.end
    return KeyEntry(place.name, "" if is_whole else "ends before its key frame does")


def _judge_text(place: _Place, content: bytes) -> TextSegment:
    fault = ""
    if not content.removeprefix(b"\xef\xbb\xbf").startswith(_SIGNATURE):
        fault = "is not WebVTT"
    elif _ARROW in content:
        try:
            parse_captions(content)
        except CaptionsInvalid as error:
            fault = str(error)
    has_map = _TIMESTAMP_MAP in content
    return TextSegment(place.name, place.listed_s, len(content), has_map, fault)
