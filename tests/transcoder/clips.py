"""Makers of sources: short clips whose frames tell their number, in all the shapes people send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from standalone.demo import draw_pictures, make_tone

SIZE: Final = (320, 180)
RATE_HZ: Final = 48_000

# What a telephone held upright writes: the picture is to be turned 90 degrees clockwise.
PHONE_MATRIX: Final = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)

_QUICKLY: Final[dict[str, dict[str, object]]] = {
    "libx264": {"preset": "ultrafast", "crf": "18", "bf": "2"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "b": "2M"},
}


@dataclass(frozen=True, slots=True)
class Clip:
    """What a clip is to be like.

    `size` is as it is to be seen; the coded pictures are turned from there `turns` quarters
    counter-clockwise, and `matrix` says how they are to be turned back. `times_s` are the moments
    at which pictures are shown, where these are not even. `options` are told to the muxer.
    """

    seconds: int = 2
    size: tuple[int, int] = SIZE
    rate: Fraction = Fraction(30)
    codec: str | None = "libx264"
    pixels: str = "yuv420p"
    pixel_aspect: Fraction | None = None
    turns: int = 0
    matrix: Sequence[int] | None = None
    times_s: Sequence[float] | None = None
    picture_begins_s: float = 0.0
    audio: str | None = "aac"
    layout: str = "stereo"
    rate_hz: int = RATE_HZ
    sound_s: float | None = None
    sound_begins_s: float = 0.0
    options: Mapping[str, str] = field(default_factory=dict)


def write_clip(path: Path, clip: Clip) -> Path:
    """Write a clip to `path`, in the container its ending names."""
    with av.open(str(path), "w", options=dict(clip.options)) as container:
        pictures = _add_pictures(container, clip) if clip.codec else None
        sound = _add_sound(container, clip) if clip.audio else None
        if pictures is not None:
            _encode_pictures(container, pictures, clip)
        if sound is not None:
            _encode_sound(container, sound, clip)
    return path


def draw_upright(clip: Clip) -> list[NDArray[np.uint8]]:
    """The clip's pictures as they are to be seen."""
    count = len(clip.times_s) if clip.times_s else round(clip.seconds * clip.rate)
    return list(islice(draw_pictures(clip.size, rate=round(clip.rate)), count))


def hear(clip: Clip) -> NDArray[np.float32]:
    """The clip's sound, left and right, at 48 kHz."""
    seconds = clip.seconds if clip.sound_s is None else clip.sound_s
    tones = np.concatenate([make_tone(second) for second in range(int(seconds) + 1)], axis=1)
    # some noise, so that the sound fits itself at one place only
    noise = np.random.default_rng(1).normal(0, 0.02, tones.shape).astype(np.float32)
    return np.asarray((tones + noise)[:, : round(seconds * RATE_HZ)], np.float32)


def _add_pictures(container: OutputContainer, clip: Clip) -> av.VideoStream:
    stream = container.add_stream(clip.codec or "", rate=clip.rate)
    assert isinstance(stream, av.VideoStream)
    width, height = clip.size if clip.turns % 2 == 0 else clip.size[::-1]
    stream.width, stream.height, stream.pix_fmt = width, height, clip.pixels
    stream.codec_context.time_base = _time_base(clip)
    if clip.pixel_aspect is not None:
        stream.codec_context.sample_aspect_ratio = clip.pixel_aspect
    if clip.matrix is not None:
        stream.set_display_matrix(clip.matrix)
    stream.options = _QUICKLY.get(clip.codec or "", {})
    return stream


def _time_base(clip: Clip) -> Fraction:
    return Fraction(1, 90_000) if clip.times_s else 1 / clip.rate


def _encode_pictures(container: OutputContainer, stream: av.VideoStream, clip: Clip) -> None:
    for number, picture in enumerate(draw_upright(clip)):
        coded = np.ascontiguousarray(np.rot90(picture, clip.turns))
        frame = av.VideoFrame.from_ndarray(coded, format="rgb24").reformat(format=clip.pixels)
        shown_s = clip.times_s[number] if clip.times_s else number / clip.rate
        frame.time_base = _time_base(clip)
        frame.pts = round((shown_s + clip.picture_begins_s) / _time_base(clip))
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _add_sound(container: OutputContainer, clip: Clip) -> av.AudioStream:
    stream = container.add_stream(clip.audio or "", rate=clip.rate_hz, layout=clip.layout)
    assert isinstance(stream, av.AudioStream)
    return stream


def _encode_sound(container: OutputContainer, stream: av.AudioStream, clip: Clip) -> None:
    frame = av.AudioFrame.from_ndarray(hear(clip), format="fltp", layout="stereo")
    frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
    frame.pts = round(clip.sound_begins_s * RATE_HZ)
    context = stream.codec_context
    resampler = av.AudioResampler(
        format=context.format, layout=clip.layout, rate=clip.rate_hz, frame_size=context.frame_size
    )
    parts: list[Any] = [*resampler.resample(frame), *resampler.resample(None)]
    for part in parts:
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))
