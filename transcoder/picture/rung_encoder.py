"""One rung's encoder: pictures in from a bounded queue, segments out, in a thread of its own.

It has one x264 thread, since capped CRF with more of them gives other bytes each time. The film is
done when its largest rung is: the threads of all others stand back behind that one's.
"""

import os
from concurrent.futures import Executor, Future
from fractions import Fraction
from queue import Queue
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from transcoder.cmaf.boxes import VideoTrack
from transcoder.cmaf.codecs import avc_config, name_avc, to_length_prefixed
from transcoder.cmaf.film import VideoRendition
from transcoder.cmaf.segments import Sink, VideoSegments
from transcoder.planning.chunks import Stretch
from transcoder.planning.ladder import Rung

# Enough for an encoder never to be out of work; x264 looks ahead in copies of its own.
_QUEUED_PICTURES: Final = 2
_STANDING_BACK: Final = 10
_GLOBAL_HEADER: Final = 1 << 22
_NEVER: Final = 1 << 30
_BUFFER_S: Final = 2
_BT709: Final = 1
_TV_RANGE: Final = 1
_FINEST_TIMESCALE: Final = 1000
_TICKS: Final = 512


class RungEncoder:
    """Encodes a stretch of one rung, pictures in the order they are put."""

    def __init__(
        self, stretch: Stretch, *, preset: str, sink: Sink, stands_back: bool = False
    ) -> None:
        rung = stretch.rung
        self.stretch = stretch
        self._stands_back = stands_back
        self._pictures = 0
        self._context = _make_context(rung, preset)
        self._track = _make_track(rung, self._context.extradata or b"")
        self._segments = VideoSegments(
            self._track, f"video/{rung.height}", sink, stretch.first_segment
        )
        self._queue: Queue[VideoFrame | None] = Queue(_QUEUED_PICTURES)
        self._running: Future[None] | None = None

    @property
    def done(self) -> float:
        """The share of the stretch that has been encoded so far."""
        return self._pictures / self.stretch.frames

    @property
    def rendition(self) -> VideoRendition:
        """What has been made."""
        return VideoRendition(
            folder=self._segments.folder,
            codecs=name_avc(self._track.avc_config),
            segments=tuple(self._segments.written),
            track=self._track,
            rung=self.stretch.rung,
        )

    def start(self, threads: Executor) -> None:
        self._running = threads.submit(self._run)

    def put(self, picture: VideoFrame) -> None:
        """Queue a picture, waiting for room; raises what the encoder's thread has raised."""
        if self._running is not None and self._running.done():
            self._running.result()
        self._queue.put(picture)

    def finish(self) -> None:
        """Say that no picture follows."""
        self._queue.put(None)

    def check(self) -> None:
        """Wait for the end; raises what the encoder's thread has raised."""
        if self._running is not None:
            self._running.result()

    def _run(self) -> None:
        if self._stands_back:
            stand_back()
        try:
            for picture in iter(self._queue.get, None):
                self._encode(picture)
            self._write(None)
            self._segments.finish()
        except BaseException:
            # whoever fills the queue must not wait for room in it for ever
            for _ in iter(self._queue.get, None):
                pass
            raise

    def _encode(self, picture: VideoFrame) -> None:
        # A decoded picture brings its type along, and x264 obeys: reset it, or demand a key frame.
        is_key = self._pictures % self.stretch.rung.group_frames == 0
        picture.pict_type = PictureType.I if is_key else PictureType.NONE
        picture.pts = self._pictures
        picture.time_base = 1 / self.stretch.rung.frame_rate
        self._write(picture)
        self._pictures += 1

    def _write(self, picture: VideoFrame | None) -> None:
        first = self.stretch.first_frame
        for packet in self._context.encode(picture):
            self._segments.add(
                to_length_prefixed(bytes(packet)),
                shown=first + (packet.pts or 0),
                decoded=first + (packet.dts or 0),
                is_key=packet.is_keyframe,
            )


def stand_back() -> None:
    """Let this thread, on Linux not the process, have what others leave of the machine."""
    os.nice(_STANDING_BACK)


def _make_context(rung: Rung, preset: str) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height = rung.width_px, rung.height_px
    context.pix_fmt = "yuv420p"
    context.framerate = rung.frame_rate
    context.time_base = 1 / rung.frame_rate
    context.sample_aspect_ratio = Fraction(1)
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _TV_RANGE
    # PyAV's default, slices, would cut every picture in as many parts as there are cores.
    context.thread_type = "FRAME"
    context.thread_count = 1
    context.gop_size = _NEVER
    context.flags |= _GLOBAL_HEADER
    context.options = {
        "preset": preset,
        "profile": "high",
        "crf": str(rung.crf),
        "maxrate": str(rung.max_bit_rate_bps),
        "bufsize": str(_BUFFER_S * rung.max_bit_rate_bps),
        "forced-idr": "1",
        "sc_threshold": "0",
    }
    context.open()
    return context


def _make_track(rung: Rung, extradata: bytes) -> VideoTrack:
    """A timescale in which a picture lasts a whole number of ticks."""
    rate = rung.frame_rate
    ticks = 1 if rate.numerator > _FINEST_TIMESCALE else _TICKS
    return VideoTrack(
        width=rung.width_px,
        height=rung.height_px,
        timescale=rate.numerator * ticks,
        sample_duration=rate.denominator * ticks,
        avc_config=avc_config(extradata),
    )
