"""A film's still pictures, posters and storyboard, from the key frames of its own renditions.

They are read back from the store, so that none of them needs another encode; of a film without
pictures the poster is the cover that came with the sound, or the sound itself, drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, Final

import numpy as np
from av.video.frame import VideoFrame

from shared.asset import Poster
from shared.paths import POSTER, POSTER_CANDIDATE
from transcoder.cmaf.film import Film, VideoRendition
from transcoder.input.source import decode_packet, open_source, read_packets
from transcoder.settings import Settings
from transcoder.stills.jpeg import encode_jpeg, fit_picture, scale_picture
from transcoder.stills.picture_reader import PictureReader, Reader
from transcoder.stills.poster import (
    Luma,
    Picture,
    Shot,
    choose_candidates,
    draw_card,
    find_fades,
    score_picture,
)
from transcoder.stills.storyboard import LAST_S, Tile, choose_step, make_storyboard, tile_size

_POSTER_QUALITY: Final = 3
_POSTER_SIDE_PX: Final = 720
_COVER_SIZE: Final = (1280, 720)


@dataclass(frozen=True, slots=True)
class Stills:
    """The files by name, and what `asset.json` says of the posters."""

    files: tuple[tuple[str, bytes], ...]
    posters: tuple[Poster, ...]


def make_stills(
    film: Film, read: Reader, *, poster: int | None = None, cover: Picture | None = None
) -> Stills:
    """The posters, of which number `poster` (from 0) is taken or else the best, and for a film
    with pictures the storyboard; `cover` is the picture that came with sound alone."""
    if not film.video:
        return _make_cards(film, poster, cover)
    low = PictureReader(film.video[0], read)
    shots, tiles = _look_through(low, film.video[0])
    chosen = choose_candidates(shots, film.duration_s)
    step = choose_step(len(low.key_frames))
    sharp = PictureReader(_choose_poster_rung(film.video), read)
    pictures = [_whole_picture(sharp.read_key_frame(number * step)) for number in chosen]
    posters = _make_posters([shots[number] for number in chosen], pictures, poster)
    board = make_storyboard([*tiles, *_read_last_tile(low, tiles, film)], film.duration_s)
    return Stills((*posters.files, *board), posters.posters)


def _look_through(
    reader: PictureReader, rendition: VideoRendition
) -> tuple[list[Shot], list[Tile]]:
    """Key frames of the lowest rung, evenly spread: how good they are, and small."""
    size = tile_size(rendition.rung.width_px, rendition.rung.height_px)
    numbers = range(0, len(reader.key_frames), choose_step(len(reader.key_frames)))
    tiles, scores = [], []
    for number in numbers:
        frame = reader.read_key_frame(number)
        scores.append(score_picture(_read_luma(frame)))
        tiles.append(Tile(reader.key_frames[number].start_s, scale_picture(frame, *size)))
    weights = find_fades([_small_luma(tile.picture) for tile in tiles])
    shots = [
        Shot(tile.start_s, score * weight)
        for tile, score, weight in zip(tiles, scores, weights, strict=True)
    ]
    return shots, tiles


def _read_luma(frame: VideoFrame) -> Luma:
    """The brightness of a decoded picture, which is in TV range."""
    plane = frame.planes[0]
    rows = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
    return np.asarray((rows[: frame.height, : frame.width].astype(np.float32) - 16) / 219)


def _small_luma(picture: Picture) -> Luma:
    return np.asarray(picture @ (np.array((0.2126, 0.7152, 0.0722)) / 255), np.float32)


def _read_last_tile(reader: PictureReader, tiles: Sequence[Tile], film: Film) -> Iterator[Tile]:
    """The last second of a film, unless a key frame has fallen into it."""
    begins_s = film.duration_s - LAST_S
    if tiles[-1].start_s < begins_s:
        rung = film.video[0].rung
        frame = reader.read_near_end(begins_s)
        yield Tile(begins_s, scale_picture(frame, *tile_size(rung.width_px, rung.height_px)))


def _choose_poster_rung(rungs: Sequence[VideoRendition]) -> VideoRendition:
    """The highest rung that is not above 720p."""
    small = [rendition for rendition in rungs if rendition.rung.height <= _POSTER_SIDE_PX]
    return (small or rungs[:1])[-1]


def _whole_picture(frame: VideoFrame) -> Picture:
    return scale_picture(frame, frame.width, frame.height)


def _make_cards(film: Film, poster: int | None, cover: Picture | None) -> Stills:
    pictures = [draw_card(film.peaks)] if cover is None else [cover, draw_card(film.peaks)]
    shots = [Shot(Fraction(0), float(-number)) for number in range(len(pictures))]
    return _make_posters(shots, pictures, poster)


def _make_posters(shots: Sequence[Shot], pictures: Sequence[Picture], poster: int | None) -> Stills:
    """A choice beyond the candidates is of another film, and is passed over."""
    best = max(range(len(shots)), key=lambda number: shots[number].score)
    taken = best if poster is None or poster >= len(shots) else poster
    contents = [encode_jpeg(picture, quality=_POSTER_QUALITY) for picture in pictures]
    names = [POSTER_CANDIDATE.format(number=number) for number in range(1, len(shots) + 1)]
    listed = tuple(
        Poster(
            name=name,
            time_ms=round(shot.start_s * 1000),
            score=round(max(0.0, shot.score), 4),
            is_chosen=number == taken,
        )
        for number, (name, shot) in enumerate(zip(names, shots, strict=True))
    )
    return Stills((*zip(names, contents, strict=True), (POSTER, contents[taken])), listed)


def read_cover(source: BinaryIO, stream: int, settings: Settings) -> Picture | None:
    """The picture that is attached to a source as its stream number `stream`, made to fit; None
    when it does not decode."""
    with open_source(source, settings) as container:
        for packet in read_packets(container, [container.streams[stream]]):
            for frame in decode_packet(packet) or ():
                return None if frame.is_corrupt else fit_picture(frame, *_COVER_SIZE)
    return None
