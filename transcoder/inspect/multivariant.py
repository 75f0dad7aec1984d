"""What is asked of the multivariant playlist: that it says what there is."""

from collections.abc import Iterator
from typing import Final

from shared.hls.multivariant import IFrameVariant, Variant
from transcoder.inspect.pictures import look_of
from transcoder.inspect.presentation import HDR_TRANSFERS, Presentation, Stream

_SDR: Final = "SDR"
_HD: Final = 1080
_RATE_TOLERANCE: Final = 0.002
# Names that are made up in full here; of others only the first four letters are known.
_FULL_NAMES: Final = ("avc1.", "mp4a.")


def find_no_key_streams(presentation: Presentation) -> Iterator[tuple[str, str]]:
    if presentation.videos and not presentation.main.i_frame_variants:
        yield presentation.name, "has no EXT-X-I-FRAME-STREAM-INF"


def find_hdr_alone(presentation: Presentation) -> Iterator[tuple[str, str]]:
    ranges = {_range_of(stream) for stream in presentation.videos}
    if ranges and _SDR not in ranges:
        yield presentation.name, f"has only {', '.join(sorted(ranges))}"


def find_no_range(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant, stream in presentation.variants:
        if stream.picture and _range_of(stream) != (variant.video_range or _SDR):
            yield stream.name, f"is {_range_of(stream)}, not {variant.video_range or _SDR}"


def _range_of(stream: Stream) -> str:
    look = look_of(stream)
    return HDR_TRANSFERS.get(look.transfer, _SDR) if look else _SDR


def find_no_language(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Of sound and text. Nobody knows the language of a film whose maker did not say."""
    for media in presentation.main.media:
        if media.type in ("AUDIO", "SUBTITLES") and media.language is None:
            yield media.uri or presentation.name, f"{media.name!r} has no LANGUAGE"


def find_wrong_codecs(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant, stream in presentation.variants:
        declared = variant.codecs.split(",") if variant.codecs else []
        if not declared:
            yield stream.name, "has no CODECS"
            continue
        for used in (stream, *presentation.group(variant)):
            for entry in filter(None, (used.picture, used.sound)):
                if not any(_is_named(entry.codecs, name.strip()) for name in declared):
                    yield used.name, f"is {entry.codecs}, CODECS are {variant.codecs}"
    for i_frames in presentation.main.i_frame_variants:
        if i_frames.codecs is None:
            yield i_frames.uri, "has no CODECS"


def _is_named(codecs: str, declared: str) -> bool:
    if codecs.startswith(_FULL_NAMES):
        return codecs.lower() == declared.lower()
    return declared[:4] == codecs[:4]


def find_wrong_resolutions(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant, stream in presentation.variants:
        look = look_of(stream)
        if stream.picture is None:
            continue
        if variant.resolution is None:
            yield stream.name, "has no RESOLUTION"
        elif look and variant.resolution != (look.width_px, look.height_px):
            yield stream.name, f"is {look.width_px}x{look.height_px}, not {_show(variant)}"
    for i_frames in presentation.main.i_frame_variants:
        if i_frames.resolution is None:
            yield i_frames.uri, "has no RESOLUTION"


def _show(variant: Variant | IFrameVariant) -> str:
    return "x".join(map(str, variant.resolution or ()))


def find_wrong_frame_rates(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant, stream in presentation.variants:
        if stream.picture is None:
            continue
        rate = float(1 / stream.frame_s)
        if variant.frame_rate is None:
            yield stream.name, "has no FRAME-RATE"
        elif abs(rate - float(variant.frame_rate)) > rate * _RATE_TOLERANCE:
            yield stream.name, f"has {rate:.3f} frames a second, not {variant.frame_rate}"


def find_single_top(presentation: Presentation) -> Iterator[tuple[str, str]]:
    sizes = [v.resolution for v in presentation.main.variants if v.resolution is not None]
    top = max(sizes, key=min, default=None)
    if top and min(top) >= _HD and sizes.count(top) < 2:
        yield presentation.name, f"has one variant at {top[0]}x{top[1]}"


def find_no_independence(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Said in the multivariant playlist, or in each of those with pictures."""
    if presentation.main.independent_segments:
        return
    for stream in presentation.videos:
        if not stream.playlist.independent_segments:
            yield stream.name, "has no EXT-X-INDEPENDENT-SEGMENTS"


def find_no_average(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant in presentation.main.variants:
        if variant.average_bandwidth_bps is None:
            yield variant.uri, "has no AVERAGE-BANDWIDTH"
