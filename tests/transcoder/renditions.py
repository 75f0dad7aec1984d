"""Renditions as if they had been encoded: sizes and durations, no media."""

from fractions import Fraction
from typing import Any

from tests.transcoder.cmaf.test_boxes import AUDIO, VIDEO
from transcoder.cmaf.film import (
    AudioRendition,
    Film,
    KeyChunk,
    TextRendition,
    VideoRendition,
    WrittenSegment,
)
from transcoder.planning.ladder import choose_rungs


def make_rendition(
    height: int, megabits: float, segments: int = 2, segment_s: Fraction = Fraction(6)
) -> VideoRendition:
    rung = choose_rungs(height * 16 // 9, height, Fraction(30))[-1]
    size = round(megabits * 1_000_000 / 8 * segment_s)
    written = WrittenSegment(size, "", segment_s, (KeyChunk(28, 100, segment_s),))
    return VideoRendition(f"video/{height}", "avc1.64001f", (written,) * segments, VIDEO, rung)


def make_audio(
    *durations_s: float, folder: str = "audio/stereo", size_bytes: int = 100, **facts: Any
) -> AudioRendition:
    segments = tuple(WrittenSegment(size_bytes, "", Fraction(d)) for d in durations_s)
    return AudioRendition(folder, "mp4a.40.2", segments, AUDIO, **facts)


def make_text(folder: str = "text/en", duration_s: float = 12, **facts: Any) -> TextRendition:
    segment = WrittenSegment(600, "", Fraction(duration_s))
    return TextRendition(
        folder, "wvtt", (segment,), **{"language": "en", "name": "English", **facts}
    )


def make_film(video: tuple[VideoRendition, ...], *audio: AudioRendition, **facts: Any) -> Film:
    return Film(video, audio, (*video, *audio)[-1].duration_s, **facts)
