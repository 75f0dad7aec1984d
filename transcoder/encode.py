"""One decode, every rendition.

FFmpeg's calls leave the interpreter free, so that the encoders' threads run side by side with the
decoder; bounded queues keep it from running ahead of the slowest.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from typing import Any, BinaryIO, Final

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame

from transcoder.damage import Tally
from transcoder.film import Film
from transcoder.plan import Plan
from transcoder.segments import Sink
from transcoder.settings import Settings
from transcoder.source import decode_packet, open_source, read_packets
from transcoder.tracks import PictureTrack, SoundTrack

_DECODER_THREADS: Final = 4

Report = Callable[[float, dict[str, float]], None]


def encode_film(
    source: BinaryIO, plan: Plan, settings: Settings, *, sink: Sink, report: Report
) -> Film:
    """Encode a source as planned, its files going to `sink` as they are finished.

    `report` is told after every packet how much is done, of the whole and of each rung by its
    height. Raises one of the `Source...` errors when the source does not hold what it promised.
    """
    film = _Film(plan, settings, sink)
    with open_source(source, settings) as container, film.encoding():
        for packet in read_packets(container, list(_choose_streams(container, plan))):
            film.take(packet)
            report(*film.measure_done())
        film.finish()
    return film.describe()


def _choose_streams(container: InputContainer, plan: Plan) -> Iterator[Any]:
    video, audio = plan.facts.video, plan.facts.main_audio
    if video is not None:
        context = container.streams[video.stream].codec_context
        context.thread_type = "AUTO"
        context.thread_count = min(_DECODER_THREADS, os.cpu_count() or 1)
        yield container.streams[video.stream]
    if audio is not None:
        yield container.streams[audio.stream]


class _Film:
    """A film on its way from the decoders to the encoders."""

    def __init__(self, plan: Plan, settings: Settings, sink: Sink) -> None:
        facts = plan.facts
        self._plan = plan
        self._tally = Tally()
        self._picture = PictureTrack(plan, facts.video, settings, sink) if facts.video else None
        self._sound = SoundTrack(plan, settings, sink) if facts.audio else None

    def encoding(self) -> AbstractContextManager[None]:
        """While this is entered, the rungs' encoders run."""
        return self._picture.encoding() if self._picture else nullcontext()

    def take(self, packet: "Packet[Any]") -> None:
        frames = decode_packet(packet)
        if frames is None:
            self._tally.count(is_good=False)
            return
        for frame in frames:
            self._tally.count(is_good=not frame.is_corrupt)
            if self._picture and isinstance(frame, VideoFrame):
                self._picture.take(frame)
            elif self._sound and isinstance(frame, AudioFrame):
                self._sound.take(frame)

    def finish(self) -> None:
        """End picture and sound together; raises when the source ended too early."""
        sound_end_s = self._sound.end_s if self._sound else Fraction(0)
        picture_end_s = self._picture.end_s if self._picture else Fraction(0)
        self._tally.reached_s = max(sound_end_s, picture_end_s)
        self._tally.check(self._plan.duration_s)
        if self._picture:
            self._picture.finish(until_s=sound_end_s)

    def describe(self) -> Film:
        """What was made, once the encoders are done; sound is made as long as the picture."""
        video = self._picture.renditions() if self._picture else ()
        if self._sound is None:
            return Film(video, (), video[-1].duration_s)
        self._sound.finish(video[-1].duration_s if video else None)
        sound = self._sound.rendition()
        duration_s = (video or (sound,))[-1].duration_s
        return Film(video, (sound,), duration_s, peaks=self._sound.peaks)

    def measure_done(self) -> tuple[float, dict[str, float]]:
        """The share of the whole that is encoded, and of each rung by its height."""
        duration_s = self._plan.duration_s
        if self._picture:
            return self._picture.measure_done(duration_s)
        return min(1.0, float(self._sound.end_s / duration_s)) if self._sound else 0.0, {}
