"""AAC-LC from samples: frames of 1024, the first at 0.

The encoder's first packet only primes the decoder and is dropped, so that sound begins at decode
time 0 like the picture, without an edit list. The price is that a decoder rebuilds the first
10 ms imperfectly, as after any seek. The gain is that every reader agrees: players that pass over
edit lists, and those that judge a stream by its first packet, would else hear or report the sound
21 ms late.
"""

from array import array
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame

from transcoder.cmaf.boxes import AudioTrack
from transcoder.planning.ladder import AUDIO_RATE_HZ
from transcoder.sound.sound_line import SAMPLE_FORMAT, Samples, make_frame

FRAME_SAMPLES: Final = 1024

_GLOBAL_HEADER: Final = 1 << 22


class AacEncoder:
    """Samples in, in pieces of any length; AAC frames out. `peaks` holds the loudest sample of
    each frame, 0 to 1."""

    def __init__(self, layout: str, *, channels: int, bit_rate_bps: int) -> None:
        self.peaks = array("f")  # two million in twelve hours
        self._layout = layout
        self._channels = channels
        self._bit_rate_bps = bit_rate_bps
        self._held = np.zeros((channels, 0), np.float32)
        self._encoder = _make_encoder(layout, bit_rate_bps)

    @property
    def track(self) -> AudioTrack:
        return AudioTrack(
            channels=self._channels,
            timescale=AUDIO_RATE_HZ,
            sample_duration=FRAME_SAMPLES,
            audio_config=self._encoder.extradata or b"",
            bit_rate_bps=self._bit_rate_bps,
        )

    def push(self, samples: Samples) -> list[bytes]:
        """The AAC frames that `samples` make ready."""
        self._held = np.concatenate([self._held, samples], axis=1)
        whole = self._held.shape[1] // FRAME_SAMPLES * FRAME_SAMPLES
        ready, self._held = self._held[:, :whole], self._held[:, whole:]
        frames = (ready[:, at : at + FRAME_SAMPLES] for at in range(0, whole, FRAME_SAMPLES))
        return [content for frame in frames for content in self._encode(self._make_frame(frame))]

    def finish(self) -> list[bytes]:
        """The AAC frames that are left; the last one ends in silence."""
        missing = -self._held.shape[1] % FRAME_SAMPLES
        last = self.push(np.zeros((self._channels, missing), np.float32))
        return last + self._encode(None)

    def _encode(self, frame: AudioFrame | None) -> list[bytes]:
        packets = self._encoder.encode(frame)
        return [bytes(packet) for packet in packets if packet.pts is not None and packet.pts >= 0]

    def _make_frame(self, samples: Samples) -> AudioFrame:
        at = len(self.peaks) * FRAME_SAMPLES
        self.peaks.append(float(np.abs(samples).max()))
        return make_frame(samples, self._layout, at=at)


def _make_encoder(layout: str, bit_rate_bps: int) -> av.AudioCodecContext:
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate = AUDIO_RATE_HZ
    encoder.layout = layout
    encoder.format = SAMPLE_FORMAT
    encoder.bit_rate = bit_rate_bps
    encoder.time_base = Fraction(1, AUDIO_RATE_HZ)
    encoder.flags |= _GLOBAL_HEADER
    encoder.open()
    return encoder
