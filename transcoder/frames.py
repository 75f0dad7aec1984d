"""A film's still pictures, poster and storyboard, from the key frames of its own renditions.

They are read back from the store, so that neither needs the source or another encode.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from shared.asset import FIRST_SEGMENT
from shared.paths import POSTER
from transcoder.box_reader import find_media
from transcoder.errors import PackageFaulty
from transcoder.film import Film, VideoRendition
from transcoder.jpeg import encode_jpeg, scale_picture
from transcoder.key_frames import KeyFrameDecoder
from transcoder.storyboard import Tile, choose_step, make_storyboard, tile_size

Picture = NDArray[Any]

_POSTER_QUALITY: Final = 3
_POSTER_SIDE_PX: Final = 720
_CARD_SIZE: Final = (1280, 720)
_CARD_BARS: Final = 128
_CARD_GROUND: Final = (24, 26, 32)
_CARD_BAR: Final = (120, 170, 255)


# Reads a part of a file of the asset: name, offset and length in bytes.
Reader = Callable[[str, int, int], bytes]


def make_stills(film: Film, read: Reader) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the poster and, for a film with pictures, of the storyboard."""
    if not film.video:
        yield POSTER, encode_jpeg(draw_card(film.peaks), quality=_POSTER_QUALITY)
        return
    tiles = list(_read_tiles(film.video[0], read))
    best = max(tiles, key=lambda tile: score_picture(tile.picture))
    poster = _read_poster(film.video, best.key_frame, read)
    yield POSTER, encode_jpeg(poster, quality=_POSTER_QUALITY)
    yield from make_storyboard(tiles, film.duration_s)


@dataclass(frozen=True, slots=True)
class _KeyFrame:
    """Where a rendition's key frame lies, and the moment it shows."""

    start_s: Fraction
    name: str
    offset: int
    length: int


def _read_tiles(rendition: VideoRendition, read: Reader) -> Iterator[Tile]:
    """Small pictures of the lowest rung's key frames, evenly spread."""
    decoder = KeyFrameDecoder(rendition.track.avc_config)
    key_frames = list(_list_key_frames(rendition))
    size = tile_size(rendition.rung.width_px, rendition.rung.height_px)
    for number in range(0, len(key_frames), choose_step(len(key_frames))):
        frame = _decode(decoder, key_frames[number], read)
        yield Tile(key_frames[number].start_s, number, scale_picture(frame, *size))


def _read_poster(rungs: Sequence[VideoRendition], key_frame: int, read: Reader) -> Picture:
    """The same key frame on the highest rung that is not above 720p."""
    small = [r for r in rungs if r.rung.height <= _POSTER_SIDE_PX]
    rendition = (small or rungs[:1])[-1]
    decoder = KeyFrameDecoder(rendition.track.avc_config)
    frame = _decode(decoder, list(_list_key_frames(rendition))[key_frame], read)
    return scale_picture(frame, frame.width, frame.height)


def _list_key_frames(rendition: VideoRendition) -> Iterator[_KeyFrame]:
    start_s = Fraction(0)
    for number, segment in enumerate(rendition.segments, start=FIRST_SEGMENT):
        for chunk in segment.key_chunks:
            yield _KeyFrame(start_s, f"{rendition.folder}/{number}.m4s", chunk.offset, chunk.length)
            start_s += chunk.duration_s


def _decode(decoder: KeyFrameDecoder, key_frame: _KeyFrame, read: Reader) -> VideoFrame:
    chunk = read(key_frame.name, key_frame.offset, key_frame.length)
    frame = decoder.decode(find_media(chunk))
    if frame is None:
        raise PackageFaulty(f"{key_frame.name}: no picture at byte {key_frame.offset}")
    return frame


def score_picture(picture: Picture) -> float:
    """How good a poster a picture would be: well lit, rich in contrast and in detail.

    Black pictures and fades score next to nothing.
    """
    luma = picture.astype(np.float64) @ (0.2126, 0.7152, 0.0722) / 255
    exposure = 1 - abs(luma.mean() - 0.45) / 0.55
    down, across = np.gradient(luma)
    detail = np.abs(down).mean() + np.abs(across).mean()
    return float(exposure * luma.std() * np.sqrt(detail))


def draw_card(peaks: Sequence[float]) -> Picture:
    """The poster of a film without pictures: its sound, drawn as bars."""
    width, height = _CARD_SIZE
    card = np.full((height, width, 3), _CARD_GROUND, np.uint8)
    bar = width // _CARD_BARS
    for number, part in enumerate(np.array_split(np.array(peaks or [0.0]), _CARD_BARS)):
        loud = min(1.0, float(part.max(initial=0.0)))
        reach = max(2, int(loud * height * 0.4))
        left = number * bar
        card[height // 2 - reach : height // 2 + reach, left + 2 : left + bar - 2] = _CARD_BAR
    return card
