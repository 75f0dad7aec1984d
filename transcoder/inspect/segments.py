"""What is asked of segments and where they are cut."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Final

from transcoder.inspect.presentation import KeyStream, Presentation, Segment, Stream, TextStream

_TARGET_S: Final = 6
_MAX_EXCESS_S: Final = Fraction(1, 2)
# Encoders' delays are a part of it in many packages, and nobody misses a tenth of a second.
_END_TOLERANCE_S: Final = Fraction(1, 10)
# The clock of MPEG-TS, and EXTINF in microseconds, each round a little.
_ROUNDING_S: Final = Fraction(1, 20_000)


def show_s(seconds: Fraction) -> str:
    return f"{float(seconds):.4f} s"


def find_unreadable(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for name, reason in presentation.unreadable.items():
        yield name, f"cannot be read: {reason}"


def find_empty(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.streams.values():
        for segment in stream.segments:
            if stream.picture and segment.picture is None:
                yield segment.name, "holds no pictures"
            if stream.sound and segment.sound is None:
                yield segment.name, "holds no sound"


def find_gaps(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """By decode times, which is what `tfdt` holds; a discontinuity is a new beginning."""
    for stream in presentation.streams.values():
        for (before, after), listed in zip(
            pairwise(stream.segments), stream.playlist.segments[1:], strict=True
        ):
            if not listed.discontinuity:
                yield from _find_gap(before, after)


def _find_gap(before: Segment, after: Segment) -> Iterator[tuple[str, str]]:
    for one, other in ((before.picture, after.picture), (before.sound, after.sound)):
        if one and other and abs(other.decodes_from_s - one.decodes_until_s) > _slack(one.frame_s):
            yield (
                after.name,
                f"begins at {show_s(other.decodes_from_s)}, not where the one before ends, "
                f"{show_s(one.decodes_until_s)}",
            )


def _slack(frame_s: Fraction) -> Fraction:
    """Within which times are the same: the clocks of MPEG-TS and AAC do not divide each other."""
    return frame_s / 16


def find_dependent(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        for segment in stream.segments:
            if segment.picture and not segment.picture.begins_with_key:
                yield segment.name, "does not begin with a key frame"


def find_other_targets(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """A film that is shorter than a segment has no choice."""
    for stream in presentation.streams.values():
        if len(stream.segments) > 1 and stream.playlist.target_duration_s != _TARGET_S:
            yield stream.name, f"has a target duration of {stream.playlist.target_duration_s} s"


def find_long(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.streams.values():
        most_s = stream.playlist.target_duration_s + _MAX_EXCESS_S
        for segment in stream.segments:
            lasts_s = segment.main.ends_s - segment.main.starts_s
            if lasts_s > most_s + _ROUNDING_S:
                yield segment.name, f"lasts {show_s(lasts_s)}"


def find_wrong_durations(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Each segment's, and the sum up to each, within a frame."""
    for stream in presentation.streams.values():
        frame_s = stream.frame_s + _ROUNDING_S
        listed_ends = accumulate(segment.listed_s for segment in stream.segments)
        for segment, listed_end_s in zip(stream.segments, listed_ends, strict=True):
            lasts_s = segment.main.ends_s - segment.main.starts_s
            end_s = segment.main.ends_s - stream.starts_s
            if abs(lasts_s - segment.listed_s) > frame_s:
                yield segment.name, f"lasts {show_s(lasts_s)}, not {show_s(segment.listed_s)}"
            elif abs(end_s - listed_end_s) > frame_s and not _has_discontinuity(stream):
                yield segment.name, f"ends at {show_s(end_s)}, not {show_s(listed_end_s)}"


def _has_discontinuity(stream: Stream) -> bool:
    return any(segment.discontinuity for segment in stream.playlist.segments)


def find_different_targets(presentation: Presentation) -> Iterator[tuple[str, str]]:
    streams = list(presentation.streams.values())
    for stream in streams:
        own, first = stream.playlist.target_duration_s, streams[0].playlist.target_duration_s
        if own != first:
            yield stream.name, f"has a target duration of {own} s, others of {first} s"


def find_different_lengths(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Sound that has playlists of its own is cut within a frame of it."""
    if not presentation.videos:
        return
    wanted = list_cuts(presentation.videos[0])
    for stream in presentation.sounds:
        cuts = list_cuts(stream)
        if not stream.picture and not _are_near(cuts, wanted, stream.frame_s):
            yield stream.name, "is cut elsewhere than the picture"


def find_different_cuts(presentation: Presentation) -> Iterator[tuple[str, str]]:
    videos = presentation.videos
    for stream in videos:
        # a rung at half the rate has pictures of its own
        if not _are_near(list_cuts(stream), list_cuts(videos[0]), _ROUNDING_S):
            yield stream.name, f"is cut at other moments than {videos[0].name}"


def list_cuts(stream: Stream) -> list[Fraction]:
    """Where segments begin, from the first one's beginning."""
    return [segment.main.starts_s - stream.starts_s for segment in stream.segments]


def _are_near(some: Sequence[Fraction], others: Sequence[Fraction], slack: Fraction) -> bool:
    return len(some) == len(others) and all(
        abs(one - other) <= slack for one, other in zip(some, others, strict=True)
    )


def find_open_ends(presentation: Presentation) -> Iterator[tuple[str, str]]:
    everything: tuple[Stream | KeyStream | TextStream, ...] = (
        *presentation.streams.values(),
        *presentation.key_streams.values(),
        *presentation.texts.values(),
    )
    for stream in everything:
        if stream.playlist.playlist_type != "VOD":
            yield stream.name, "is not of EXT-X-PLAYLIST-TYPE VOD"
        if not stream.playlist.ended:
            yield stream.name, "has no EXT-X-ENDLIST"


def find_different_ends(presentation: Presentation) -> Iterator[tuple[str, str]]:
    longest_s = max((_length(s) for s in presentation.streams.values()), default=Fraction(0))
    for stream in presentation.streams.values():
        if longest_s - _length(stream) > _END_TOLERANCE_S:
            yield stream.name, f"lasts {show_s(_length(stream))}, others {show_s(longest_s)}"


def _length(stream: Stream) -> Fraction:
    return stream.ends_s - stream.starts_s


def find_different_starts(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Of the sound beside the first picture, in playlists of its own or in the same one. What an
    encoder puts before the first sound, a frame at most, may be there or not."""
    pictures = [s.segments[0].picture for s in presentation.videos]
    for stream in presentation.sounds:
        sound = stream.segments[0].sound
        picture = stream.segments[0].picture or next(filter(None, pictures), None)
        if sound and picture and abs(sound.starts_s - picture.starts_s) > sound.frame_s:
            late_ms = float(sound.starts_s - picture.starts_s) * 1000
            yield stream.name, f"sound begins {late_ms:+.1f} ms beside the picture"
