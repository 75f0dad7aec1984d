"""What a player sees and hears of an asset: its playlists opened through PyAV."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from standalone.demo import read_counter

RATE_HZ = 48_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture: when it is shown, in seconds, its size, and the number that stands on it."""

    time_s: float
    size: tuple[int, int]
    number: int


def watch(playlist: Path) -> list[Seen]:
    """Every picture of a media playlist."""
    with av.open(str(playlist)) as container:
        return [_see(frame) for frame in container.decode(video=0)]


def seek(playlist: Path, time_s: float) -> Seen:
    """The picture shown at a moment, reached by seeking."""
    with av.open(str(playlist)) as container:
        container.seek(round(time_s * 1_000_000))
        frames = [frame for frame in container.decode(video=0) if frame.time <= time_s + 1e-6]
        return _see(frames[-1])


def _see(frame: av.VideoFrame) -> Seen:
    picture = frame.to_ndarray(format="rgb24")
    return Seen(frame.time, (frame.width, frame.height), read_counter(picture))


def listen(playlist: Path) -> NDArray[np.float32]:
    """The sound of a media playlist, left and right, from time 0."""
    with av.open(str(playlist)) as container:
        frames = list(container.decode(audio=0))
    assert frames[0].time == 0
    return np.concatenate([_samples(frame) for frame in frames], axis=1)


def _samples(frame: av.AudioFrame) -> NDArray[Any]:
    return frame.to_ndarray()


def measure_delay_ms(heard: NDArray[np.float32], sent: NDArray[np.float32]) -> float:
    """By how much the sound comes late, in milliseconds, by cross-correlation."""
    size = 2 * max(heard.shape[1], sent.shape[1])
    spectrum = np.fft.rfft(heard[0], size) * np.conj(np.fft.rfft(sent[0], size))
    lag = int(np.argmax(np.fft.irfft(spectrum, size)))
    return (lag if lag < size // 2 else lag - size) * 1000 / RATE_HZ
