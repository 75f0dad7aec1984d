"""A film's sound, all of it: every language in stereo, and in 5.1 where the source has that.

The source is read twice. The first time measures the loudness of each rendition, the second
encodes it with the gain that follows: linear, so that nothing is compressed. Decoding sound costs
next to nothing beside encoding pictures, and no scratch file of hours is needed. Every rendition
is exactly as long as the film, whatever its track holds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import BinaryIO, Final

import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.stream import Discard

from transcoder.cmaf.codecs import name_aac
from transcoder.cmaf.film import AudioRendition, Loudness
from transcoder.cmaf.segments import AudioSegments, Sink
from transcoder.input.damage import Tally
from transcoder.input.source import decode_packet, open_source, read_packets
from transcoder.planning.ladder import AUDIO_RATE_HZ
from transcoder.planning.plan import Plan
from transcoder.planning.sound_choice import SoundChoice, choose_sounds
from transcoder.settings import Settings
from transcoder.sound.aac import AacEncoder
from transcoder.sound.loudness import LoudnessMeter
from transcoder.sound.sides import Sides
from transcoder.sound.sound_line import FrameUnusable, Samples

# How much of the work measuring is, and how many values outline the sound.
_MEASURING: Final = 0.35
_OUTLINE: Final = 256

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class EncodedSound:
    """All renditions of the sound, the default first; `peaks` outline that one, 0 to 1."""

    renditions: tuple[AudioRendition, ...]
    peaks: tuple[float, ...]


def encode_sound(
    source: BinaryIO, plan: Plan, settings: Settings, *, sink: Sink, report: Report
) -> EncodedSound:
    """Encode a source's sound, its files going to `sink` as they are finished.

    `report` is told now and then how much of it is done, from 0 to 1. Raises one of the
    `Source...` errors when the source does not hold what it promised.
    """
    choices = choose_sounds(plan.facts.audio)
    if not choices:
        return EncodedSound((), ())
    player = _Player(source, plan, settings, choices)
    loudness = _measure(player, report)
    encoders = [
        _RenditionEncoder(choice, loud, plan, sink)
        for choice, loud in zip(choices, loudness, strict=True)
    ]
    for number, samples in player.play():
        encoders[number].push(samples)
        report(_MEASURING + player.fraction * (1 - _MEASURING))
    renditions = tuple(encoder.finish() for encoder in encoders)
    return EncodedSound(renditions, outline(encoders[0].peaks))


def outline(peaks: Sequence[float]) -> tuple[float, ...]:
    """The loudest of each stretch, so that few values draw the whole."""
    stretches = np.array_split(np.array(peaks), min(_OUTLINE, len(peaks)) or 1)
    return tuple(round(float(stretch.max(initial=0.0)), 3) for stretch in stretches)


def _measure(player: "_Player", report: Report) -> list[Loudness | None]:
    meters = [LoudnessMeter(c.layout, channels=c.channels) for c in player.choices]
    for number, samples in player.play():
        meters[number].push(samples)
        report(player.fraction * _MEASURING)
    player.check()
    return [meter.finish() for meter in meters]


class _Player:
    """Plays a source's sound on the film's time line, as often as is asked."""

    def __init__(
        self, source: BinaryIO, plan: Plan, settings: Settings, choices: Sequence[SoundChoice]
    ) -> None:
        self.choices = choices
        self._source = source
        self._plan = plan
        self._settings = settings
        self._length = ceil(plan.duration_s * AUDIO_RATE_HZ)
        self._sides: list[Sides] = []
        self._tallies: dict[int, Tally] = {}

    @property
    def fraction(self) -> float:
        """How far the one that is furthest has come."""
        return max(max(sides.positions) for sides in self._sides) / self._length

    def play(self) -> Iterator[tuple[int, Samples]]:
        """Yield pieces of sound, each with its rendition's number; of one rendition they follow
        on each other from 0 to the film's end."""
        self._tallies = {t.stream: Tally() for choice in self.choices for t in choice.tracks}
        self._sides = [
            Sides(choice, start_s=self._plan.start_s, length=self._length)
            for choice in self.choices
        ]
        with open_source(self._source, self._settings) as container:
            for stream, frame in self._decode(container):
                for number, side in self._find_places(stream):
                    yield from (
                        (number, samples) for samples in self._push(number, side, stream, frame)
                    )
        for number, sides in enumerate(self._sides):
            yield from ((number, samples) for samples in sides.finish())

    def _find_places(self, stream: int) -> Iterator[tuple[int, int]]:
        """The renditions that a stream is heard in, by their numbers, and its place in each."""
        for number, choice in enumerate(self.choices):
            for side, track in enumerate(choice.tracks):
                if track.stream == stream:
                    yield number, side

    def _push(self, number: int, side: int, stream: int, frame: AudioFrame) -> Iterator[Samples]:
        sides, tally = self._sides[number], self._tallies[stream]
        try:
            yield from sides.push(side, frame)
        except FrameUnusable:
            tally.count(is_good=False)
        tally.reached_s = Fraction(sides.positions[side], AUDIO_RATE_HZ)

    def check(self) -> None:
        """Raise when too much of a track was missing or damaged."""
        for track in (track for choice in self.choices for track in choice.tracks):
            ends_s = min(track.end_s - self._plan.start_s, self._plan.duration_s)
            self._tallies[track.stream].check(ends_s)

    def _decode(self, container: InputContainer) -> Iterator[tuple[int, AudioFrame]]:
        for stream in container.streams:
            if stream.index not in self._tallies:
                stream.discard = Discard.all
        streams = [container.streams[n] for n in self._tallies]
        for packet in read_packets(container, streams, self._plan.facts.clock):
            # not `packet.stream_index`, which is 0 in the packets that flush the decoders
            number = packet.stream.index
            tally = self._tallies[number]
            frames = decode_packet(packet)
            if frames is None:
                tally.count(is_good=False)
            for frame in frames or ():
                tally.count(is_good=not frame.is_corrupt)
                yield number, frame


class _RenditionEncoder:
    """One rendition on its way into the store."""

    def __init__(
        self, choice: SoundChoice, loudness: Loudness | None, plan: Plan, sink: Sink
    ) -> None:
        self._choice = choice
        self._loudness = loudness
        self._gain = np.float32(10 ** (loudness.gain_db / 20) if loudness else 1.0)
        self._encoder = AacEncoder(
            choice.layout, channels=choice.channels, bit_rate_bps=choice.bit_rate_bps
        )
        self._segments = AudioSegments(self._encoder.track, choice.folder, sink, plan.segment_s)

    @property
    def peaks(self) -> Sequence[float]:
        return self._encoder.peaks

    def push(self, samples: Samples) -> None:
        for content in self._encoder.push(samples * self._gain):
            self._segments.add(content)

    def finish(self) -> AudioRendition:
        for content in self._encoder.finish():
            self._segments.add(content)
        self._segments.finish()
        track = self._encoder.track
        return AudioRendition(
            folder=self._choice.folder,
            codecs=name_aac(track.audio_config),
            segments=tuple(self._segments.written),
            track=track,
            group=self._choice.group,
            channels=self._choice.channels,
            language=self._choice.language,
            name=self._choice.name,
            is_default=self._choice.is_default,
            loudness=self._loudness,
        )
