"""The two ways that frames go: pictures to an encoder for each rung, sound to one of its own."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from math import ceil
from typing import Final

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from transcoder.codecs import name_aac, name_avc
from transcoder.errors import SourceTooLong
from transcoder.facts import VideoFacts
from transcoder.film import AudioRendition, VideoRendition
from transcoder.ladder import AUDIO_RATE_HZ
from transcoder.picture_clock import PictureClock
from transcoder.pictures import Pictures
from transcoder.plan import Plan
from transcoder.rung_encoder import RungEncoder
from transcoder.segments import AudioSegments, Sink
from transcoder.settings import Settings
from transcoder.sound import Sound

AUDIO_FOLDER: Final = "audio/stereo"

# Sound that lasts this much longer than the picture keeps the last picture standing.
_TAIL_S: Final = Fraction(1, 10)


class PictureTrack:
    """All rungs of a film's picture."""

    def __init__(self, plan: Plan, facts: VideoFacts, settings: Settings, sink: Sink) -> None:
        self.end_s = Fraction(0)
        self._start_s = plan.start_s
        self._delay_s = facts.decode_delay_s
        self._max_duration_s = settings.max_duration_s
        self._pictures = Pictures(plan.rungs, facts)
        self._rungs = [RungEncoder(rung, preset=settings.preset, sink=sink) for rung in plan.rungs]
        self._clock = PictureClock()
        self._usual_step_s = 1 / plan.rungs[-1].frame_rate
        self._last: VideoFrame | None = None

    @contextmanager
    def encoding(self) -> Iterator[None]:
        """Run the rungs' encoders; on leaving, let them finish, and raise what they have raised."""
        with ThreadPoolExecutor(len(self._rungs)) as threads:
            for rung in self._rungs:
                rung.start(threads)
            try:
                yield
            finally:
                for rung in self._rungs:
                    rung.finish()
        for rung in self._rungs:
            rung.check()

    def take(self, frame: VideoFrame) -> None:
        """Encode a decoded picture on every rung; raises `SourceTooLong`."""
        time_base = frame.time_base or Fraction(1, 1000)
        pts = frame.pts if self._delay_s is None else None
        ticks = self._clock.choose_time(pts, frame.dts)
        # some containers time only a part of their pictures: the others follow on
        late_s = self._start_s + (self._delay_s or 0)
        shown_s = self.end_s if ticks is None else ticks * time_base - late_s
        self._show(frame, shown_s, frame.duration * time_base or self._usual_step_s)

    def _show(self, frame: VideoFrame, shown_s: Fraction, lasts_s: Fraction) -> None:
        self.end_s = shown_s + lasts_s
        if self.end_s > self._max_duration_s:
            raise SourceTooLong(f"a picture at {float(shown_s):.0f} s")
        time_base = frame.time_base or Fraction(1, 1000)
        frame.pts = round(shown_s / time_base)
        frame.duration = round(lasts_s / time_base)
        self._last = frame
        self._put(self._pictures.push(frame))

    def finish(self, *, until_s: Fraction) -> None:
        """No picture follows. The last one stands until sound that lasts much longer ends."""
        if self._last is not None and until_s > self.end_s + _TAIL_S:
            self._show(self._last, until_s - self._usual_step_s, self._usual_step_s)
        self._put(self._pictures.finish())

    def measure_done(self, duration_s: Fraction) -> tuple[float, dict[str, float]]:
        """The share of the whole that is encoded, and of each rung by its height."""
        done = {e.rung: min(1.0, float(e.encoded_s / duration_s)) for e in self._rungs}
        whole = sum(rung.cost * share for rung, share in done.items())
        cost = sum(rung.cost for rung in done)
        return whole / cost, {str(rung.height): share for rung, share in done.items()}

    def renditions(self) -> tuple[VideoRendition, ...]:
        return tuple(
            VideoRendition(
                folder=encoder.segments.folder,
                codecs=name_avc(encoder.track.avc_config),
                segments=tuple(encoder.segments.written),
                track=encoder.track,
                rung=encoder.rung,
            )
            for encoder in self._rungs
        )

    def _put(self, pictures: Iterable[tuple[int, VideoFrame]]) -> None:
        for number, picture in pictures:
            self._rungs[number].put(picture)


class SoundTrack:
    """A film's sound."""

    def __init__(self, plan: Plan, settings: Settings, sink: Sink) -> None:
        self._start_s = plan.start_s
        self._max_duration_s = settings.max_duration_s
        self._sound = Sound(plan.start_s)
        self._segments = AudioSegments(self._sound.track, AUDIO_FOLDER, sink, plan.segment_s)

    @property
    def end_s(self) -> Fraction:
        return Fraction(self._sound.samples, AUDIO_RATE_HZ)

    @property
    def peaks(self) -> tuple[float, ...]:
        return tuple(self._sound.peaks)

    def take(self, frame: AudioFrame) -> None:
        """Encode some decoded sound; raises `SourceTooLong`."""
        heard_s = self.end_s
        if frame.pts is not None and frame.time_base:
            heard_s = max(heard_s, frame.pts * frame.time_base - self._start_s)
        if heard_s > self._max_duration_s:
            raise SourceTooLong(f"sound at {float(heard_s):.0f} s")
        for content in self._sound.push(frame):
            self._segments.add(content)

    def finish(self, duration_s: Fraction | None = None) -> None:
        """Encode what is left, cut or filled to `duration_s` if that is given."""
        samples = None if duration_s is None else ceil(duration_s * AUDIO_RATE_HZ)
        for content in self._sound.finish(samples):
            self._segments.add(content)
        self._segments.finish()

    def rendition(self) -> AudioRendition:
        track = self._sound.track
        return AudioRendition(
            folder=AUDIO_FOLDER,
            codecs=name_aac(track.audio_config),
            segments=tuple(self._segments.written),
            track=track,
        )
