"""The pictures of a chunk: decoded ones in, an encoder for each rung.

A chunk begins in the midst of the film, and decoding before that. Pictures are put by the moments
at which they are shown, so that it does not matter where decoding began.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from typing import Final

from av.video.frame import VideoFrame

from transcoder.cmaf.film import VideoRendition
from transcoder.cmaf.segments import Sink
from transcoder.input.facts import VideoFacts
from transcoder.picture.picture_clock import PictureClock
from transcoder.picture.pictures import Pictures
from transcoder.picture.rung_encoder import RungEncoder
from transcoder.planning.chunks import Stretch

# So many pictures behind the end are wanted by filters that look at neighbours.
_RUN_OUT: Final = 3


class PictureTrack:
    """All rungs of a chunk's picture. `start_s` is the film's beginning in the source."""

    def __init__(
        self,
        stretches: Sequence[Stretch],
        facts: VideoFacts,
        *,
        start_s: Fraction,
        preset: str,
        sink: Sink,
    ) -> None:
        top = stretches[-1]
        step_s = 1 / top.rung.frame_rate
        self.begins_s = top.first_frame * step_s
        self.ends_s = self.begins_s + top.frames * step_s
        self.reached_s = Fraction(0)
        self._start_s = start_s
        self._delay_s = facts.decode_delay_s
        self._usual_step_s = step_s
        self._clock = PictureClock()
        self.is_begun = False
        self._behind = 0
        self._pictures = Pictures(
            [stretch.rung for stretch in stretches],
            facts,
            start_s=self.begins_s,
            until_s=self.ends_s,
        )
        self._rungs = [
            RungEncoder(stretch, preset=preset, sink=sink, stands_back=stretch is not top)
            for stretch in stretches
        ]

    @property
    def is_full(self) -> bool:
        """Whether no further picture is of use."""
        return self._behind >= _RUN_OUT

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

    def rewind(self) -> None:
        """Decoding begins, perhaps once more."""
        self._clock = PictureClock()

    def find_time(self, frame: VideoFrame) -> Fraction:
        """When a decoded picture is shown, in the film; frames have to come in their order."""
        pts = frame.pts if self._delay_s is None else None
        ticks = self._clock.choose_time(pts, frame.dts)
        # some containers time only a part of their pictures: the others follow on
        if ticks is None or not frame.time_base:
            return self.reached_s
        return ticks * frame.time_base - self._start_s - (self._delay_s or 0)

    def take(
        self, frame: VideoFrame, shown_s: Fraction, pixel_aspect: Fraction | None = None
    ) -> None:
        """Encode a decoded picture on every rung. Its pixels have the shape of the film's unless
        another one is said."""
        time_base = frame.time_base or Fraction(1, 1000)
        lasts_s = frame.duration * time_base or self._usual_step_s
        self.reached_s = shown_s + lasts_s
        self._behind += shown_s >= self.ends_s
        frame.pts = round(shown_s / time_base)
        frame.duration = round(lasts_s / time_base)
        self.is_begun = True
        self._put(self._pictures.push(frame, pixel_aspect))

    def finish(self) -> None:
        """No picture follows; the last one stands until the chunk's end."""
        self._put(self._pictures.finish())

    def measure_done(self) -> dict[str, float]:
        """The share of each rung that is encoded, by its height."""
        return {str(encoder.stretch.rung.height): encoder.done for encoder in self._rungs}

    def renditions(self) -> tuple[VideoRendition, ...]:
        return tuple(encoder.rendition for encoder in self._rungs)

    def _put(self, pictures: Iterable[tuple[int, VideoFrame]]) -> None:
        for number, picture in pictures:
            self._rungs[number].put(picture)
