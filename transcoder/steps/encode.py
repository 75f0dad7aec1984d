"""One chunk: one decode, every rendition of it.

FFmpeg's calls leave the interpreter free, so that the encoders' threads run side by side with the
decoder; bounded queues keep it from running ahead of the slowest. Sound is read and encoded by
itself, beside the pictures where a chunk has both.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from threading import Event
from typing import BinaryIO, Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from transcoder.cmaf.film import AudioRendition, VideoRendition
from transcoder.cmaf.segments import Sink
from transcoder.errors import PackageFaulty, SourceCorrupt
from transcoder.input.damage import Tally
from transcoder.input.facts import VideoFacts
from transcoder.input.pixel_aspect import read_pixel_aspect
from transcoder.input.source import decode_packet, open_source, read_packets, seek_before
from transcoder.picture.rung_encoder import stand_back
from transcoder.picture.tracks import PictureTrack
from transcoder.planning.chunks import Chunk, list_stretches
from transcoder.planning.plan import Plan
from transcoder.settings import Settings
from transcoder.sound.sound_renditions import EncodedSound, encode_sound

# Of the cores, half and at most so many decode: encoders keep all others busy, and each thread of
# a decoder holds pictures of its own.
_DECODER_THREADS: Final = 4
# What sound weighs in a chunk that has both.
_SOUND_SHARE: Final = 0.05

# Told how much is done, of the chunk and of each of its rungs by its height.
Report = Callable[[float, dict[str, float]], None]
# Opens the source once more, to be read apart.
Opener = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class EncodedChunk:
    """What was made, and how well the pictures could be decoded."""

    video: tuple[VideoRendition, ...] = ()
    audio: tuple[AudioRendition, ...] = ()
    peaks: tuple[float, ...] = ()
    pictures: Tally = field(default_factory=Tally)

    @property
    def renditions(self) -> tuple[VideoRendition | AudioRendition, ...]:
        return (*self.video, *self.audio)


def encode_chunk(
    open_file: Opener, plan: Plan, chunk: Chunk, settings: Settings, *, sink: Sink, report: Report
) -> EncodedChunk:
    """Encode a chunk of a film as planned, its files going to `sink` as they are finished.

    Raises one of the `Source...` errors when the source does not hold what it promised.
    """
    if not chunk.heights:
        with open_file() as source:
            sound = encode_sound(
                source, plan, settings, sink=sink, report=lambda done: report(done, {})
            )
        return EncodedChunk(audio=sound.renditions, peaks=sound.peaks)
    progress = _Progress(chunk, report)
    with _encoding_sound(open_file, plan, chunk, settings, sink, progress) as running:
        encoder = _PictureEncoder(plan, chunk, settings, sink)
        encoder.run(open_file, progress.pictures)
        sound = running.result() if running else EncodedSound((), ())
    return EncodedChunk(
        video=encoder.renditions(),
        audio=sound.renditions,
        peaks=sound.peaks,
        pictures=encoder.tally,
    )


class _Progress:
    """Adds up what pictures and sound say, each from a thread of its own."""

    def __init__(self, chunk: Chunk, report: Report) -> None:
        self._report = report
        self._sound_share = _SOUND_SHARE if chunk.has_sound else 0.0
        self._sound_done = 0.0
        self.abandoned = Event()

    def sound(self, done: float) -> None:
        if self.abandoned.is_set():
            raise _Abandoned
        self._sound_done = done

    def pictures(self, done: float, rungs: dict[str, float]) -> None:
        share = self._sound_share
        self._report(done * (1 - share) + self._sound_done * share, rungs)


class _Abandoned(Exception):
    """The pictures have failed, and nobody wants the sound any more."""


@contextmanager
def _encoding_sound(
    open_file: Opener,
    plan: Plan,
    chunk: Chunk,
    settings: Settings,
    sink: Sink,
    progress: _Progress,
) -> Iterator[Future[EncodedSound] | None]:
    """While this is entered, the chunk's sound is being encoded, if it has any."""
    if not chunk.has_sound:
        yield None
        return

    def encode() -> EncodedSound:
        stand_back()
        with open_file() as source:
            return encode_sound(source, plan, settings, sink=sink, report=progress.sound)

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(encode)
        try:
            yield running
        except BaseException:
            progress.abandoned.set()
            raise


class _PictureEncoder:
    """The pictures of a chunk, from the source to their segments."""

    def __init__(self, plan: Plan, chunk: Chunk, settings: Settings, sink: Sink) -> None:
        self.tally = Tally()
        self._facts = _facts_of(plan)
        self._plan = plan
        self._settings = settings
        self._costs = {str(r.height): r.cost for r in plan.rungs if r.height in chunk.heights}
        self._track = PictureTrack(
            list_stretches(plan, chunk),
            self._facts,
            start_s=plan.start_s,
            preset=settings.preset,
            sink=sink,
        )

    def run(self, open_file: Opener, report: Report) -> None:
        with self._track.encoding():
            self._decode(open_file, report)
            if not self._track.is_begun:
                raise SourceCorrupt("nothing could be decoded")
            self.tally.reached_s = min(self._track.reached_s, self._track.ends_s)
            self._track.finish()

    def renditions(self) -> tuple[VideoRendition, ...]:
        made = self._track.renditions()
        for rendition in made:
            if rendition.duration_s != self._track.ends_s - self._track.begins_s:
                raise PackageFaulty(f"{rendition.folder}: {float(rendition.duration_s):.3f} s")
        return made

    def _decode(self, open_file: Opener, report: Report) -> None:
        """Decode from the last key frame before the chunk, or from the film's beginning where no
        such place can be found."""
        if self._plan.facts.is_seekable and self._track.begins_s > 0:
            with self._opened(open_file) as (container, stream):
                if _seek(container, stream, self._plan.start_s + self._track.begins_s):
                    self._feed(container, stream, report, has_sought=True)
        if not self._track.is_begun:
            with self._opened(open_file) as (container, stream):
                self._feed(container, stream, report)

    @contextmanager
    def _opened(self, open_file: Opener) -> Iterator[tuple[InputContainer, VideoStream]]:
        with open_file() as file, open_source(file, self._settings) as container:
            stream = next(s for s in container.streams.video if s.index == self._facts.stream)
            stream.codec_context.thread_type = "AUTO"
            stream.codec_context.thread_count = _count_decoder_threads()
            yield container, stream

    def _feed(
        self,
        container: InputContainer,
        stream: VideoStream,
        report: Report,
        *,
        has_sought: bool = False,
    ) -> None:
        """Hand on what is decoded until the chunk is full; nothing when a seek has led behind the
        chunk's beginning."""
        track = self._track
        track.rewind()
        for packet in read_packets(container, [stream], self._plan.facts.clock):
            frames = decode_packet(packet)
            if frames is None:
                self.tally.count(is_good=False)
            for frame in frames or ():
                shown_s = track.find_time(frame)
                if has_sought and not track.is_begun and shown_s > track.begins_s:
                    return
                self.tally.count(is_good=not frame.is_corrupt)
                track.take(frame, shown_s, read_pixel_aspect(stream))
            report(*self._measure_done())
            if track.is_full:
                return

    def _measure_done(self) -> tuple[float, dict[str, float]]:
        """The share of the whole that is encoded, by what the rungs cost, and of each rung."""
        done = self._track.measure_done()
        whole = sum(self._costs[height] * share for height, share in done.items())
        return whole / sum(self._costs.values()), done


def _count_decoder_threads() -> int:
    return max(1, min(_DECODER_THREADS, (os.cpu_count() or 1) // 2))


def _seek(container: InputContainer, stream: VideoStream, moment_s: Fraction) -> bool:
    try:
        seek_before(container, stream, moment_s)
    except MemoryError:
        raise
    except av.FFmpegError:
        return False
    return True


def _facts_of(plan: Plan) -> VideoFacts:
    if plan.facts.video is None:
        raise PackageFaulty("pictures of a film without any")
    return plan.facts.video
