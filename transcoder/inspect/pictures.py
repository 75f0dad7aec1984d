"""What is asked of pictures and how they are coded."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Final

from transcoder.inspect.presentation import Look, Presentation, Stream

_CODECS: Final = frozenset({"avc1", "avc3", "hvc1", "hev1"})
_INBAND: Final = frozenset({"avc3", "hev1"})
_PROFILES: Final = frozenset({66, 77, 88, 100})
_MAX_LEVEL: Final = 52
_KEY_FRAMES_S: Final = 2
_SHAPE_TOLERANCE: Final = Fraction(1, 50)
_UNSPECIFIED: Final = 2


def find_broken(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.streams.values():
        for segment in stream.segments:
            if segment.picture and segment.picture.broken:
                yield segment.name, f"{segment.picture.broken} pictures do not decode"
            if segment.sound and segment.sound.broken:
                yield segment.name, f"{segment.sound.broken} frames of sound do not decode"


def find_other_codecs(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        if stream.picture and stream.picture.kind not in _CODECS:
            yield stream.name, f"is coded as {stream.picture.codecs}"


def find_high_profiles(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        codecs = stream.picture.codecs if stream.picture else ""
        if codecs.startswith("avc1.") and not _is_common_profile(codecs):
            yield stream.name, f"is coded as {codecs}"


def _is_common_profile(codecs: str) -> bool:
    """Of `avc1.PPCCLL`, in hexadecimal digits: profile, constraints, level."""
    parameters = bytes.fromhex(codecs.partition(".")[2])
    return len(parameters) == 3 and parameters[0] in _PROFILES and parameters[2] <= _MAX_LEVEL


def find_inband_parameters(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        if stream.picture and stream.picture.kind in _INBAND:
            yield stream.name, f"has a sample entry {stream.picture.kind}"


def find_rare_key_frames(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        shown = [*(key.shown_s for key in stream.key_frames), stream.ends_s]
        longest_s = max((after - before for before, after in pairwise(shown)), default=Fraction(0))
        if longest_s > _KEY_FRAMES_S + stream.frame_s:
            yield stream.name, f"has no key frame for {float(longest_s):.2f} s"


def find_interlaced(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        if any(look.is_interlaced for look in stream.looks):
            yield stream.name, "is interlaced"


def find_other_colours(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Among pictures that say what their colours are."""
    colours = {
        (look.primaries, look.matrix): stream.name
        for stream in presentation.videos
        for look in stream.looks
        if _UNSPECIFIED not in (look.primaries, look.matrix)
    }
    for (primaries, matrix), name in list(colours.items())[1:]:
        yield name, f"has other colours (primaries {primaries}, matrix {matrix})"


def find_other_shapes(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Within 2 %, or as near as even sizes allow."""
    looks = [(stream, look) for stream in presentation.videos for look in stream.looks]
    for stream, look in looks:
        widest = max((other for _, other in looks), key=lambda other: other.width_px)
        if not _is_alike(look, widest):
            yield stream.name, f"is shaped {look.width_px}x{look.height_px}"


def _is_alike(one: Look, other: Look) -> bool:
    wanted = Fraction(one.width_px * other.height_px, other.width_px)
    return abs(wanted - one.height_px) <= max(Fraction(2), one.height_px * _SHAPE_TOLERANCE)


def find_wrong_key_entries(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.key_streams.values():
        for entry in stream.entries:
            if entry.fault:
                yield stream.name, f"{entry.name}: {entry.fault}"
        if not stream.playlist.i_frames_only:
            yield stream.name, "has no EXT-X-I-FRAMES-ONLY"


def look_of(stream: Stream) -> Look | None:
    """What a stream's pictures are like; they are all alike, or a rule complains."""
    return next(iter(stream.looks), None)
