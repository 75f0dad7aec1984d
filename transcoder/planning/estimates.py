"""What chunks take, before anything is spent on them: CPU time, memory, bytes. Pure.

None of it is exact: what counts is what chunks cost beside each other, and that limits which follow
from it leave room.
"""

from fractions import Fraction
from math import ceil
from typing import Final

from transcoder.planning.chunks import Chunk, Stretch, list_stretches
from transcoder.planning.plan import Plan
from transcoder.planning.sound_choice import choose_sounds

# CPU seconds: to start a child, and for film that is neither easy nor hard to encode.
_START_S: Final = 0.5
_ENCODE_PIXEL_S: Final = 1.0e-8
_DECODE_PIXEL_S: Final = 0.3e-8
_SOUND_S: Final = 0.03
_PACKAGE_S: Final = 0.05
_PRESETS: Final = {
    "ultrafast": 0.5,
    "superfast": 0.7,
    "veryfast": 1.0,
    "faster": 1.8,
    "fast": 2.5,
    "medium": 3.5,
    "slow": 6.0,
}

# Bytes: the interpreter with its libraries; pictures in queues, lookahead and references.
_BASE_BYTES: Final = 150_000_000
_PICTURE_BYTES: Final = Fraction(3, 2)
_DECODED_PICTURES: Final = 24
_HELD_PICTURES: Final = 32
_LOOKAHEAD: Final = {"ultrafast": 0, "superfast": 0, "veryfast": 10, "faster": 20, "fast": 30}
_LONG_LOOKAHEAD: Final = 50

# Capped CRF stays below the cap; stills and playlists are a few bytes more.
_USUAL_SHARE: Final = 0.6
_ROOM_FACTOR: Final = 1.05
_ROOM_BYTES: Final = 50_000_000


def estimate_cpu_s(plan: Plan, chunk: Chunk, *, preset: str) -> float:
    """About how long one core encodes a chunk."""
    factor = _PRESETS.get(preset, max(_PRESETS.values()))
    stretches = list_stretches(plan, chunk)
    pixels = sum(s.frames * s.rung.width_px * s.rung.height_px for s in stretches)
    sound_s = len(choose_sounds(plan.facts.audio)) * _SOUND_S if chunk.has_sound else 0.0
    return (
        _START_S
        + pixels * _ENCODE_PIXEL_S * factor
        + _count_decoded_pixels(plan, stretches) * _DECODE_PIXEL_S
        + float(plan.duration_s) * sound_s
    )


def estimate_package_cpu_s(duration_s: Fraction) -> float:
    """About how long stills and the publish gate take."""
    return float(duration_s) * _PACKAGE_S


def _count_decoded_pixels(plan: Plan, stretches: tuple[Stretch, ...]) -> float:
    video = plan.facts.video
    if video is None or not stretches:
        return 0.0
    top = stretches[-1]
    frames = top.frames if plan.facts.is_seekable else top.first_frame + top.frames
    lasts_s = frames / top.rung.frame_rate
    return float(video.width * video.height * lasts_s * (video.frame_rate or 1))


def estimate_memory(plan: Plan, chunk: Chunk, *, preset: str) -> int:
    """About how many bytes a child that encodes a chunk takes at most."""
    held = _HELD_PICTURES + _LOOKAHEAD.get(preset, _LONG_LOOKAHEAD)
    rungs = [rung for rung in plan.rungs if rung.height in chunk.heights]
    pixels = sum(rung.width_px * rung.height_px * held for rung in rungs)
    if plan.facts.video is not None and rungs:
        pixels += plan.facts.video.width * plan.facts.video.height * _DECODED_PICTURES
    return _BASE_BYTES + round(pixels * _PICTURE_BYTES)


def estimate_bytes(plan: Plan) -> int:
    """About how large the asset will be."""
    return ceil(_most_bytes(plan) * _USUAL_SHARE)


def count_bytes_needed(plan: Plan) -> int:
    """What has to be free for the asset to fit for certain: every rung at its cap all along. What
    is encoded becomes the asset without being there twice."""
    return ceil(_most_bytes(plan) * _ROOM_FACTOR) + _ROOM_BYTES


def _most_bytes(plan: Plan) -> float:
    video_bps = sum(rung.max_bit_rate_bps for rung in plan.rungs)
    audio_bps = sum(choice.bit_rate_bps for choice in choose_sounds(plan.facts.audio))
    return float((video_bps + audio_bps) * plan.duration_s / 8)
