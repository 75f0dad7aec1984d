"""Some pictures of a source, from its beginning and from places in its midst: what they look like
decides how all are treated.

A film may begin smaller than it goes on, and what a file says of fields and of whole pictures is
often wrong: what most of these pictures are is believed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice
from typing import Any, Final

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from transcoder.input.facts import ClockChange, Scan
from transcoder.input.fields import find_fields
from transcoder.input.pixel_aspect import read_pixel_aspect
from transcoder.input.source import decode_packet, read_packets, seek_before

_PLACES: Final = 4
_PICTURES: Final = 10
_PACKETS: Final = 400
_WORTH_A_LOOK_S: Final = 4
# Nothing else is done meanwhile; each further thread holds more pictures.
_DECODER_THREADS: Final = 2


# Width and height in pixels, and a pixel's width by its height.
Shape = tuple[int, int, Fraction]


@dataclass(slots=True)
class Samples:
    """What has been seen: pictures' shapes as they are coded, and whether fields are woven into
    them; `lands_on_keys` is False once a seek has led elsewhere than it should."""

    first: VideoFrame | None = None
    shapes: Counter[Shape] = field(default_factory=Counter)
    scans: Counter[Scan] = field(default_factory=Counter)
    pictures: int = 0
    called_interlaced: int = 0
    lands_on_keys: bool = True

    def add(self, shown: list[tuple[VideoFrame, Fraction]]) -> None:
        """Look at pictures, each with its pixels' aspect."""
        pictures = [picture for picture, _ in shown]
        self.first = self.first or (pictures[0] if pictures else None)
        self.pictures += len(pictures)
        self.shapes.update((picture.width, picture.height, aspect) for picture, aspect in shown)
        self.called_interlaced += sum(picture.interlaced_frame for picture in pictures)
        self.scans.update(find_fields(pictures))

    @property
    def shape(self) -> Shape:
        return self.shapes.most_common(1)[0][0]

    @property
    def scan(self) -> Scan:
        """What is seen goes before what is said, which only says how much need be seen: of film
        in fields, two pictures in five show them. Where nothing moves, what is said counts."""
        top, bottom = self.scans[Scan.TOP_FIRST], self.scans[Scan.BOTTOM_FIRST]
        is_called_so = 2 * self.called_interlaced > self.pictures
        share = Fraction(1, 4) if is_called_so else Fraction(1, 2)
        seen = top + bottom + self.scans[Scan.PROGRESSIVE]
        is_so = top + bottom > seen * share if seen else is_called_so
        if not is_so:
            return Scan.PROGRESSIVE
        return Scan.BOTTOM_FIRST if bottom > top else Scan.TOP_FIRST


def look_around(
    container: InputContainer,
    stream: VideoStream,
    *,
    lasts_s: tuple[Fraction, Fraction],
    is_key: Callable[[int], bool],
    clock: Sequence[ClockChange] = (),
) -> Samples:
    """Look at a source, freshly opened, whose picture lasts from when to when. `is_key` knows the
    times of key frames."""
    samples = Samples()
    stream.codec_context.thread_type = "AUTO"
    stream.codec_context.thread_count = _DECODER_THREADS
    samples.add(_decode_some(_read_some(container, stream, clock), stream))
    start_s, end_s = lasts_s
    if end_s - start_s < _WORTH_A_LOOK_S:
        return samples
    for place in range(1, _PLACES + 1):
        share = Fraction(place, _PLACES + 1)
        moment_s = start_s + (end_s - start_s) * share
        packets = _read_around(container, stream, share if clock else None, moment_s)
        first = next(packets, None)
        if first is None or clock or not _is_entry(first, moment_s, is_key):
            samples.lands_on_keys = False
        if first is not None:
            shown = _decode_some(chain([first], packets), stream)
            samples.add([one for one in shown if not one[0].is_corrupt])
    return samples


def _read_around(
    container: InputContainer, stream: VideoStream, share: Fraction | None, moment_s: Fraction
) -> Iterator["Packet[Any]"]:
    """What is there at a moment or, where the clock tells nothing, at a share of the bytes."""
    try:
        if share is None:
            seek_before(container, stream, moment_s)
        else:
            container.seek(int(container.size * share), unsupported_byte_offset=True)
    except FFmpegError:
        return iter(())
    return _read_some(container, stream)


def _is_entry(packet: "Packet[Any]", moment_s: Fraction, is_key: Callable[[int], bool]) -> bool:
    """Whether decoding may begin with a packet to show what is there at a moment."""
    if packet.pts is None or packet.pts * packet.time_base > moment_s:
        return False
    return packet.is_keyframe and is_key(packet.pts)


def _read_some(
    container: InputContainer, stream: VideoStream, clock: Sequence[ClockChange] = ()
) -> Iterator["Packet[Any]"]:
    return islice(read_packets(container, [stream], clock), _PACKETS)


def _decode_some(
    packets: Iterator["Packet[Any]"], stream: VideoStream
) -> list[tuple[VideoFrame, Fraction]]:
    """Some pictures, each with its pixels' aspect."""
    shown: list[tuple[VideoFrame, Fraction]] = []
    for packet in packets:
        pictures = decode_packet(packet) or ()
        shown += [(picture, read_pixel_aspect(stream)) for picture in pictures]
        if len(shown) >= _PICTURES:
            break
    return shown
