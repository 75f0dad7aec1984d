"""Sound to send through, as samples and as frames."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

from transcoder.sound.sound_line import Samples

RATE = 48_000


def make_frame(
    samples: Samples, at: int | None, *, rate: int = RATE, layout: str = "stereo"
) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    frame.pts = at
    return frame


def make_chirp(count: int, channels: int = 2, level: float = 0.3) -> Samples:
    """A rising tone, which fits itself at one place only."""
    seconds = np.arange(count) / RATE
    tone = level * np.sin(2 * np.pi * (200 + 1500 * seconds) * seconds)
    return np.repeat(tone.astype(np.float32)[np.newaxis], channels, axis=0)


def make_noise(count: int, channels: int, *, level: float = 0.1, seed: int = 1) -> Samples:
    """Noise up to 8 kHz, which AAC leaves whole; another one on each channel."""
    noise = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, (channels, count)))
    noise[:, np.fft.rfftfreq(count, 1 / RATE) > 8_000] = 0
    limited = np.fft.irfft(noise, count)
    return np.asarray(limited * level / limited.std(), np.float32)


@dataclass(frozen=True, slots=True)
class Track:
    """A track of a source: its sound, and what the file says of it."""

    samples: Samples
    layout: str = "stereo"
    codec: str = "pcm_f32le"
    rate_hz: int = RATE
    begins_s: float = 0.0
    language: str | None = None
    title: str | None = None


def write_tracks(path: Path, *tracks: Track) -> Path:
    """A file of nothing but sound."""
    with av.open(str(path), "w") as container:
        streams = [_add_track(container, track) for track in tracks]
        for stream, track in zip(streams, tracks, strict=True):
            frame = make_frame(track.samples, round(track.begins_s * RATE), layout=track.layout)
            context = stream.codec_context
            resampler = av.AudioResampler(
                context.format, track.layout, track.rate_hz, frame_size=context.frame_size or None
            )
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
    return path


def _add_track(container: OutputContainer, track: Track) -> av.AudioStream:
    stream = container.add_stream(track.codec, rate=track.rate_hz, layout=track.layout)
    assert isinstance(stream, av.AudioStream)
    told = {"language": track.language, "title": track.title}
    stream.metadata.update({name: value for name, value in told.items() if value})
    return stream
