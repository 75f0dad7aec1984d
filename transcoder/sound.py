"""From decoded sound to AAC: stereo at 48 kHz on the film's own time line, gaps filled.

The encoder's first packet only primes the decoder and is dropped, so that sound begins at decode
time 0 like the picture, without an edit list. The price is that a decoder rebuilds the first
10 ms imperfectly, as after any seek. The gain is that every reader agrees: players that pass over
edit lists, and those that judge a stream by its first packet, would else hear or report the sound
21 ms late.
"""

from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from transcoder.boxes import AudioTrack
from transcoder.ladder import AUDIO_BIT_RATE_BPS, AUDIO_CHANNELS, AUDIO_RATE_HZ

FRAME_SAMPLES: Final = 1024

_FORMAT: Final = "fltp"
_LAYOUT: Final = "stereo"
_GLOBAL_HEADER: Final = 1 << 22
# 8 ms: some containers round times to milliseconds, and a lost AAC frame is 21 ms.
_JITTER: Final = AUDIO_RATE_HZ // 125
# How much is held back, so that the end can be cut to the picture's.
_HELD_BACK: Final = AUDIO_RATE_HZ // 2
_BLOCK: Final = AUDIO_RATE_HZ

Samples = NDArray[np.float32]


class Sound:
    """Decoded frames in, AAC frames out, each 1024 samples long and the first at 0.

    `start_s` is the moment in the source at which the film begins. `peaks` holds the loudest
    sample of each frame, 0 to 1.
    """

    def __init__(self, start_s: Fraction) -> None:
        self._start_s = start_s
        self._coded: list[bytes] = []
        self._resampler = _make_resampler()
        self._form: tuple[str, str, int] | None = None
        self._held = np.zeros((2, 0), np.float32)
        self._held_from = 0
        self._encoder = _make_encoder()
        self.peaks: list[float] = []

    @property
    def track(self) -> AudioTrack:
        return AudioTrack(
            channels=AUDIO_CHANNELS,
            timescale=AUDIO_RATE_HZ,
            sample_duration=FRAME_SAMPLES,
            audio_config=self._encoder.extradata or b"",
            bit_rate_bps=AUDIO_BIT_RATE_BPS,
        )

    @property
    def samples(self) -> int:
        """How many samples the time line holds so far."""
        return self._held_from + self._held.shape[1]

    def push(self, frame: AudioFrame) -> list[bytes]:
        """The AAC frames that `frame` makes ready."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._form not in (None, form):
            # a resampler is for one form; sources change theirs in mid-stream
            self._resample(None)
            self._resampler = _make_resampler()
        self._form = form
        self._resample(frame)
        return self._take()

    def finish(self, samples: int | None = None) -> list[bytes]:
        """Cut or fill the time line to `samples`, or leave it as long as it is; the AAC frames
        that are left."""
        if self._form is not None:
            self._resample(None)
        wanted = self.samples if samples is None else samples
        self._held = self._held[:, : max(0, wanted - self._held_from)]
        self._append_silence(wanted - self.samples)
        self._append_silence(-wanted % FRAME_SAMPLES)
        self._encode_held(keep=0)
        self._emit(None)
        return self._take()

    def _take(self) -> list[bytes]:
        coded, self._coded = self._coded, []
        return coded

    def _resample(self, frame: AudioFrame | None) -> None:
        for part in self._resampler.resample(frame):
            # one that has nothing to do hands on even the None that flushes it
            if part is not None:
                self._place(part)

    def _place(self, part: AudioFrame) -> None:
        samples = np.asarray(part.to_ndarray(), np.float32)
        if part.pts is not None and part.time_base:
            at = round((part.pts * part.time_base - self._start_s) * AUDIO_RATE_HZ)
            gap = at - self.samples
            if abs(gap) > _JITTER or self.samples == 0:
                self._append_silence(gap)
                samples = samples[:, max(0, -gap) :]
        self._append(samples)

    def _append_silence(self, count: int) -> None:
        while count > 0:
            self._append(np.zeros((2, min(count, _BLOCK)), np.float32))
            count -= _BLOCK

    def _append(self, samples: Samples) -> None:
        self._held = np.concatenate([self._held, samples], axis=1)
        self._encode_held(keep=_HELD_BACK)

    def _encode_held(self, *, keep: int) -> None:
        count = max(0, self._held.shape[1] - keep) // FRAME_SAMPLES
        for number in range(count):
            first = number * FRAME_SAMPLES
            self._emit(np.ascontiguousarray(self._held[:, first : first + FRAME_SAMPLES]))
        self._held = self._held[:, count * FRAME_SAMPLES :]
        self._held_from += count * FRAME_SAMPLES

    def _emit(self, samples: Samples | None) -> None:
        frame = None if samples is None else self._make_frame(samples)
        for packet in self._encoder.encode(frame):
            if packet.pts is not None and packet.pts >= 0:
                self._coded.append(bytes(packet))

    def _make_frame(self, samples: Samples) -> AudioFrame:
        frame = AudioFrame.from_ndarray(samples, format=_FORMAT, layout=_LAYOUT)
        frame.sample_rate = AUDIO_RATE_HZ
        frame.time_base = Fraction(1, AUDIO_RATE_HZ)
        frame.pts = len(self.peaks) * FRAME_SAMPLES
        self.peaks.append(float(np.abs(samples).max()))
        return frame


def _make_resampler() -> AudioResampler:
    return AudioResampler(format=_FORMAT, layout=_LAYOUT, rate=AUDIO_RATE_HZ)


def _make_encoder() -> av.AudioCodecContext:
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate = AUDIO_RATE_HZ
    encoder.layout = _LAYOUT
    encoder.format = _FORMAT
    encoder.bit_rate = AUDIO_BIT_RATE_BPS
    encoder.time_base = Fraction(1, AUDIO_RATE_HZ)
    encoder.flags |= _GLOBAL_HEADER
    encoder.open()
    return encoder
