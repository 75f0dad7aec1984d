"""Loudness as EBU R 128 measures it, and the one gain that brings a film to the usual level.

The gain is the same from beginning to end, so that quiet scenes stay quiet: nothing is compressed
or limited. Where the peaks leave no room for it, a film stays below the usual level.
"""

from fractions import Fraction
from math import floor, log10
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph

from transcoder.cmaf.film import Loudness
from transcoder.planning.ladder import AUDIO_RATE_HZ
from transcoder.sound.sound_line import SAMPLE_FORMAT, Samples, make_frame

# -16 LUFS suits telephones and living rooms alike (AES TD1008); the ceiling leaves half a decibel
# to what AAC adds to peaks.
TARGET_LUFS: Final = -16.0
CEILING_DBTP: Final = -1.5
# More would be made of noise.
_MAX_GAIN_DB: Final = 20.0
# ITU-R BS.1770: what is below counts as silence.
_GATE_LUFS: Final = -70.0
# The filter tells its measures every tenth of a second.
_STEP: Final = AUDIO_RATE_HZ // 10
# ... and cuts peaks to three decimals.
_PEAK_STEP: Final = 0.0005


class LoudnessMeter:
    """Measures one rendition's sound, pushed in order and without gaps."""

    def __init__(self, layout: str, *, channels: int) -> None:
        self._layout = layout
        self._channels = channels
        self._graph = _make_graph(layout)
        self._samples = 0
        self._last: AudioFrame | None = None

    def push(self, samples: Samples) -> None:
        self._graph.push(make_frame(samples, self._layout, at=self._samples))
        self._samples += samples.shape[1]
        self._pull()

    def finish(self) -> Loudness | None:
        """The measures and the gain they ask for; None for silence."""
        # the last tenth of a second is only measured when it is whole
        self.push(np.zeros((self._channels, _STEP + -self._samples % _STEP), np.float32))
        self._graph.push(None)
        self._pull()
        return None if self._last is None else _read_measures(self._last.metadata)

    def _pull(self) -> None:
        """Every frame that leaves the filter bears the measures of all that went before."""
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            if isinstance(frame, AudioFrame):
                self._last = frame


def choose_gain_db(integrated_lufs: float, true_peak_dbtp: float) -> float:
    """The gain for a film of this loudness, in steps of 0.01 dB."""
    wanted = TARGET_LUFS - integrated_lufs if integrated_lufs > _GATE_LUFS else 0.0
    return floor(min(wanted, CEILING_DBTP - true_peak_dbtp, _MAX_GAIN_DB) * 100) / 100


def _make_graph(layout: str) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=AUDIO_RATE_HZ,
        format=SAMPLE_FORMAT,
        layout=layout,
        time_base=Fraction(1, AUDIO_RATE_HZ),
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    source.link_to(meter)
    meter.link_to(graph.add("abuffersink"))
    graph.configure()
    return graph


def _read_measures(measures: dict[str, str]) -> Loudness | None:
    peak = float(measures["lavfi.r128.true_peak"])
    if peak <= 0:
        return None
    integrated_lufs = float(measures["lavfi.r128.I"])
    true_peak_dbtp = round(20 * log10(peak + _PEAK_STEP), 2)
    return Loudness(
        integrated_lufs=round(integrated_lufs, 2),
        range_lu=round(float(measures["lavfi.r128.LRA"]), 2),
        true_peak_dbtp=true_peak_dbtp,
        gain_db=choose_gain_db(integrated_lufs, true_peak_dbtp),
    )
