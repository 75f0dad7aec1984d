"""Multivariant playlists: which renditions there are (RFC 8216 section 4.3.4).

Unknown tags and attributes are passed over, as clients must; so parse and render are inverse for
playlists made of those below.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from shared.hls.attributes import (
    Attributes,
    PlaylistInvalid,
    parse_attributes,
    parse_integer,
    quote,
    read_lines,
    render_attributes,
    yes,
)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Media:
    """EXT-X-MEDIA: an alternative rendition; `type` is AUDIO, VIDEO, SUBTITLES or
    CLOSED-CAPTIONS."""

    type: str
    group_id: str
    name: str
    uri: str | None = None
    language: str | None = None
    default: bool = False
    autoselect: bool = False
    forced: bool = False
    channels: str | None = None
    characteristics: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """EXT-X-STREAM-INF and its URI; bandwidths in bit/s, `resolution` width and height in px.

    `frame_rate` is rounded to three decimal places, as section 4.3.4.2 wants it.
    """

    uri: str
    bandwidth_bps: int
    average_bandwidth_bps: int | None = None
    codecs: str | None = None
    resolution: tuple[int, int] | None = None
    frame_rate: Decimal | None = None
    video_range: str | None = None
    audio: str | None = None
    subtitles: str | None = None
    closed_captions: str | None = None

    def __post_init__(self) -> None:
        if self.frame_rate is not None:
            object.__setattr__(self, "frame_rate", round(self.frame_rate, 3))


@dataclass(frozen=True, slots=True)
class IFrameVariant:
    """EXT-X-I-FRAME-STREAM-INF: a playlist of key frames."""

    uri: str
    bandwidth_bps: int
    average_bandwidth_bps: int | None = None
    codecs: str | None = None
    resolution: tuple[int, int] | None = None
    video_range: str | None = None


@dataclass(frozen=True, slots=True)
class SessionData:
    """EXT-X-SESSION-DATA: something about the film beside its media; `value` is the thing itself,
    `uri` names a JSON file of it, and one of the two is there."""

    data_id: str
    value: str | None = None
    uri: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class MultivariantPlaylist:
    """A multivariant playlist; players start with the first variant."""

    variants: tuple[Variant, ...]
    media: tuple[Media, ...] = ()
    i_frame_variants: tuple[IFrameVariant, ...] = ()
    session_data: tuple[SessionData, ...] = ()
    version: int = 7
    independent_segments: bool = False


def limit_height(playlist: MultivariantPlaylist, max_height: int) -> MultivariantPlaylist:
    """Leave out the variants whose short side is above `max_height` pixels."""

    def fits(resolution: tuple[int, int] | None) -> bool:
        return resolution is None or min(resolution) <= max_height

    return replace(
        playlist,
        variants=tuple(v for v in playlist.variants if fits(v.resolution)),
        i_frame_variants=tuple(v for v in playlist.i_frame_variants if fits(v.resolution)),
    )


def render_multivariant(playlist: MultivariantPlaylist) -> str:
    """The playlist's text, `\\n` line ends.

    Raises `PlaylistInvalid` where it would not read back as the same playlist.
    """
    text = "\n".join(_lines(playlist)) + "\n"
    if parse_multivariant(text) != playlist:
        raise PlaylistInvalid("would read back as another playlist")
    return text


def _lines(playlist: MultivariantPlaylist) -> Iterator[str]:
    yield "#EXTM3U"
    yield f"#EXT-X-VERSION:{playlist.version}"
    if playlist.independent_segments:
        yield "#EXT-X-INDEPENDENT-SEGMENTS"
    for data in playlist.session_data:
        yield f"#EXT-X-SESSION-DATA:{render_attributes(_session_data_attributes(data))}"
    for media in playlist.media:
        yield f"#EXT-X-MEDIA:{render_attributes(_media_attributes(media))}"
    for variant in playlist.variants:
        yield f"#EXT-X-STREAM-INF:{render_attributes(_variant_attributes(variant))}"
        yield variant.uri
    for i_frames in playlist.i_frame_variants:
        attributes = {**_stream_attributes(i_frames), "URI": quote(i_frames.uri)}
        yield f"#EXT-X-I-FRAME-STREAM-INF:{render_attributes(attributes)}"


def _session_data_attributes(data: SessionData) -> dict[str, str | None]:
    return {
        "DATA-ID": quote(data.data_id),
        "VALUE": quote(data.value),
        "URI": quote(data.uri),
        "LANGUAGE": quote(data.language),
    }


def _media_attributes(media: Media) -> dict[str, str | None]:
    return {
        "TYPE": media.type,
        "URI": quote(media.uri),
        "GROUP-ID": quote(media.group_id),
        "LANGUAGE": quote(media.language),
        "NAME": quote(media.name),
        "DEFAULT": yes(media.default),
        "AUTOSELECT": yes(media.autoselect),
        "FORCED": yes(media.forced),
        "CHARACTERISTICS": quote(media.characteristics),
        "CHANNELS": quote(media.channels),
    }


def _stream_attributes(stream: Variant | IFrameVariant) -> dict[str, str | None]:
    average, resolution = stream.average_bandwidth_bps, stream.resolution
    return {
        "BANDWIDTH": str(stream.bandwidth_bps),
        "AVERAGE-BANDWIDTH": None if average is None else str(average),
        "CODECS": quote(stream.codecs),
        "RESOLUTION": None if resolution is None else f"{resolution[0]}x{resolution[1]}",
        "VIDEO-RANGE": stream.video_range,
    }


def _variant_attributes(variant: Variant) -> dict[str, str | None]:
    rate, captions = variant.frame_rate, variant.closed_captions
    return {
        **_stream_attributes(variant),
        "FRAME-RATE": None if rate is None else f"{rate:.3f}",
        "AUDIO": quote(variant.audio),
        "SUBTITLES": quote(variant.subtitles),
        "CLOSED-CAPTIONS": captions if captions == "NONE" else quote(captions),
    }


def parse_multivariant(text: str) -> MultivariantPlaylist:
    """Parse a multivariant playlist; raise `PlaylistInvalid` when it is none."""
    lines = list(read_lines(text))
    variants = tuple(_parse_variants(lines))
    if not variants:
        raise PlaylistInvalid("no variant")
    media = tuple(_parse_media(attributes) for attributes in _select(lines, "EXT-X-MEDIA"))
    _check_groups(variants, media)
    return MultivariantPlaylist(
        variants=variants,
        media=media,
        i_frame_variants=tuple(
            _parse_i_frames(attributes) for attributes in _select(lines, "EXT-X-I-FRAME-STREAM-INF")
        ),
        session_data=tuple(
            _parse_session_data(attributes) for attributes in _select(lines, "EXT-X-SESSION-DATA")
        ),
        version=next((parse_integer(value) for tag, value in lines if tag == "EXT-X-VERSION"), 1),
        independent_segments=("EXT-X-INDEPENDENT-SEGMENTS", "") in lines,
    )


def _select(lines: Iterable[tuple[str, str]], wanted: str) -> Iterator[Attributes]:
    return (parse_attributes(value) for tag, value in lines if tag == wanted)


def _parse_variants(lines: Iterable[tuple[str, str]]) -> Iterator[Variant]:
    """Each EXT-X-STREAM-INF is followed by its URI line, each URI line preceded by one."""
    pending: Attributes | None = None
    for tag, value in lines:
        if pending is not None and tag:
            raise PlaylistInvalid("an EXT-X-STREAM-INF without a URI")
        if tag == "EXT-X-STREAM-INF":
            pending = parse_attributes(value)
        elif not tag:
            yield _parse_variant(value, pending)
            pending = None
    if pending is not None:
        raise PlaylistInvalid("an EXT-X-STREAM-INF without a URI")


def _check_groups(variants: Iterable[Variant], media: Iterable[Media]) -> None:
    """Section 4.3.4.2: a group that is named is there."""
    groups = {(one.type, one.group_id) for one in media} | {("CLOSED-CAPTIONS", "NONE")}
    for variant in variants:
        named = {
            "AUDIO": variant.audio,
            "SUBTITLES": variant.subtitles,
            "CLOSED-CAPTIONS": variant.closed_captions,
        }
        for kind, group in named.items():
            if group is not None and (kind, group) not in groups:
                raise PlaylistInvalid(f"no {kind} group {group[:40]!r}")


def _parse_media(attributes: Attributes) -> Media:
    return Media(
        type=_required(attributes.enumerated("TYPE"), "TYPE"),
        group_id=_required(attributes.quoted("GROUP-ID"), "GROUP-ID"),
        name=_required(attributes.quoted("NAME"), "NAME"),
        uri=attributes.uri("URI"),
        language=attributes.quoted("LANGUAGE"),
        default=attributes.flag("DEFAULT"),
        autoselect=attributes.flag("AUTOSELECT"),
        forced=attributes.flag("FORCED"),
        channels=attributes.quoted("CHANNELS"),
        characteristics=attributes.quoted("CHARACTERISTICS"),
    )


def _parse_variant(uri: str, attributes: Attributes | None) -> Variant:
    if attributes is None:
        raise PlaylistInvalid(f"a URI without EXT-X-STREAM-INF: {uri[:80]!r}")
    captions = attributes.get("CLOSED-CAPTIONS")
    return Variant(
        uri=uri,
        bandwidth_bps=_required(attributes.integer("BANDWIDTH"), "BANDWIDTH"),
        average_bandwidth_bps=attributes.integer("AVERAGE-BANDWIDTH"),
        codecs=attributes.quoted("CODECS"),
        resolution=attributes.resolution("RESOLUTION"),
        frame_rate=attributes.decimal("FRAME-RATE"),
        video_range=attributes.enumerated("VIDEO-RANGE"),
        audio=attributes.quoted("AUDIO"),
        subtitles=attributes.quoted("SUBTITLES"),
        closed_captions="NONE" if captions == "NONE" else attributes.quoted("CLOSED-CAPTIONS"),
    )


def _parse_i_frames(attributes: Attributes) -> IFrameVariant:
    return IFrameVariant(
        uri=_required(attributes.uri("URI"), "URI"),
        bandwidth_bps=_required(attributes.integer("BANDWIDTH"), "BANDWIDTH"),
        average_bandwidth_bps=attributes.integer("AVERAGE-BANDWIDTH"),
        codecs=attributes.quoted("CODECS"),
        resolution=attributes.resolution("RESOLUTION"),
        video_range=attributes.enumerated("VIDEO-RANGE"),
    )


def _parse_session_data(attributes: Attributes) -> SessionData:
    value, uri = attributes.quoted("VALUE"), attributes.uri("URI")
    if (value is None) == (uri is None):
        raise PlaylistInvalid("EXT-X-SESSION-DATA wants either VALUE or URI")
    return SessionData(
        data_id=_required(attributes.quoted("DATA-ID"), "DATA-ID"),
        value=value,
        uri=uri,
        language=attributes.quoted("LANGUAGE"),
    )


def _required(value: Value | None, name: str) -> Value:
    if value is None:
        raise PlaylistInvalid(f"{name} is missing")
    return value
