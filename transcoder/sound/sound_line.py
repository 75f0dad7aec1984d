"""Decoded sound on the film's own time line: one rate and one layout, gaps filled, the end exact.

Layouts are converted as ITU-R BS.775 says: the centre and the surround channels go to the sides at
-3 dB, the low-frequency channel is left out of stereo, and a single channel counts as the centre.
Nothing is made quieter to leave room for the sums; loudness is set afterwards, as a whole.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from transcoder.planning.ladder import AUDIO_RATE_HZ
from transcoder.sound.ambisonic import face_ahead

SAMPLE_FORMAT: Final = "fltp"

# 8 ms: some containers round times to milliseconds, and a lost AAC frame is 21 ms.
_JITTER: Final = AUDIO_RATE_HZ // 125
_BLOCK: Final = AUDIO_RATE_HZ
# 60 dB above the loudest that is meant to be; what is louder, or no number, is damage.
_LOUDEST: Final = 1000

# One row a channel, values from -1 to 1 unless the source is louder than it may be.
Samples = NDArray[np.float32]


def make_frame(samples: Samples, layout: str, *, at: int) -> AudioFrame:
    """The samples as a frame that begins with sample number `at`."""
    frame = AudioFrame.from_ndarray(
        np.ascontiguousarray(samples), format=SAMPLE_FORMAT, layout=layout
    )
    frame.sample_rate = AUDIO_RATE_HZ
    frame.time_base = Fraction(1, AUDIO_RATE_HZ)
    frame.pts = at
    return frame


class FrameUnusable(Exception):
    """A frame in a form that nothing can be made of: of 52 channels, say."""


class SoundLine:
    """Frames of one track in, samples out without a gap, from 0 to exactly `length`.

    `start_s` is the moment in the source that is the film's zero.
    """

    def __init__(self, layout: str, *, channels: int, start_s: Fraction, length: int) -> None:
        self.position = 0
        self._layout = layout
        self._channels = channels
        self._start_s = start_s
        self._length = length
        self._form: tuple[str, str, int] | None = None
        self._is_placed = False
        self._resampler = self._make_resampler()

    def push(self, frame: AudioFrame) -> Iterator[Samples]:
        """What `frame` makes ready, in order; to be used up before the next call. Raises
        `FrameUnusable`, after which others may follow."""
        frame = face_ahead(frame)
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._form not in (None, form):
            # a resampler is for one form; sources change theirs in mid-stream
            yield from self._resample(None)
            self._resampler = self._make_resampler()
            self._is_placed = False
        self._form = form
        try:
            yield from self._resample(frame)
        except av.ArgumentError as error:
            self._form, self._resampler = None, self._make_resampler()
            raise FrameUnusable(f"{form}: {error.strerror}") from error

    def wait_until(self, position: int) -> Iterator[Samples]:
        """Silence up to sample number `position`, where nothing has come before it."""
        yield from self._fill(position - self.position)

    def finish(self) -> Iterator[Samples]:
        """What is left, and silence up to the end."""
        if self._form is not None:
            yield from self._resample(None)
        yield from self._fill(self._length - self.position)

    def _make_resampler(self) -> AudioResampler:
        return AudioResampler(format=SAMPLE_FORMAT, layout=self._layout, rate=AUDIO_RATE_HZ)

    def _resample(self, frame: AudioFrame | None) -> Iterator[Samples]:
        for part in self._resampler.resample(frame):
            # one that has nothing to do hands on even the None that flushes it
            if part is not None:
                yield from self._place(part)

    def _place(self, part: AudioFrame) -> Iterator[Samples]:
        samples = np.asarray(part.to_ndarray(), np.float32)
        samples = np.where(np.abs(samples) <= _LOUDEST, samples, np.float32(0))
        if part.pts is not None and part.time_base:
            at = round((part.pts * part.time_base - self._start_s) * AUDIO_RATE_HZ)
            gap = at - self.position
            if abs(gap) > _JITTER or not self._is_placed:
                yield from self._fill(gap)
                samples = samples[:, max(0, -gap) :]
            self._is_placed = True
        yield from self._cut(samples)

    def _fill(self, count: int) -> Iterator[Samples]:
        count = min(count, self._length - self.position)
        while count > 0:
            yield from self._cut(np.zeros((self._channels, min(count, _BLOCK)), np.float32))
            count -= _BLOCK

    def _cut(self, samples: Samples) -> Iterator[Samples]:
        kept = samples[:, : self._length - self.position]
        self.position += kept.shape[1]
        if kept.shape[1]:
            yield kept
