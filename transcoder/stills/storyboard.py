"""The storyboard: small pictures on sheets, with what a seek bar needs to find them.

`storyboard.vtt` names a part of a sheet for each stretch of time (`sheet_1.jpg#xywh=0,0,160,90`),
`storyboard.json` says the same once more for programs. The last tile is from the last second:

    {"tile_width": 160, "tile_height": 90, "duration": 24.0,
     "tiles": [{"start": 0.0, "url": "sheet_1.jpg", "x": 0, "y": 0}]}
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.paths import STORYBOARD_JSON, STORYBOARD_SHEET, STORYBOARD_VTT
from transcoder.stills.jpeg import encode_jpeg

_TILE_SIDE_PX: Final = 160
_COLUMNS: Final = 10
_TILES_PER_SHEET: Final = 100
_MAX_TILES: Final = 720
# A film's last tile shows what is there in its last second.
LAST_S: Final = 1
_STEPS: Final = (1, 2, 5, 10, 15, 30)
_QUALITY: Final = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture, and the moment it shows."""

    start_s: Fraction
    picture: NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tile lies, and how long it stands."""

    start_s: Fraction
    end_s: Fraction
    sheet: str
    x: int
    y: int


def choose_step(key_frames: int) -> int:
    """How many key frames there are to a tile: one in a short film, whose tiles are two seconds
    apart, five in a film of two hours. There are never more than 720 tiles."""
    enough = -(-key_frames // _MAX_TILES)
    return next((step for step in _STEPS if step >= enough), enough)


def tile_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the tiles of a film, in pixels: even, the long side 160."""
    long = max(width, height)
    across, down = (max(2, 2 * round(_TILE_SIDE_PX * side / long / 2)) for side in (width, height))
    return across, down


def make_storyboard(tiles: Sequence[Tile], duration_s: Fraction) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of every sheet, of the VTT and of the JSON. Tiles are alike in size."""
    for first in range(0, len(tiles), _TILES_PER_SHEET):
        sheet = _join([tile.picture for tile in tiles[first : first + _TILES_PER_SHEET]])
        yield _sheet_name(first), encode_jpeg(sheet, quality=_QUALITY)
    height, width = tiles[0].picture.shape[:2]
    places = list(_place(tiles, duration_s, width, height))
    yield STORYBOARD_VTT, _write_vtt(places, width, height).encode()
    yield STORYBOARD_JSON, _write_json(places, width, height, duration_s).encode()


def _sheet_name(tile: int) -> str:
    return STORYBOARD_SHEET.format(number=tile // _TILES_PER_SHEET + 1)


def _join(pictures: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Lay pictures out in rows of ten; what is left of the last row stays black."""
    columns = min(_COLUMNS, len(pictures))
    blank = [np.zeros_like(pictures[0])] * (-len(pictures) % columns)
    padded = [*pictures, *blank]
    rows = [padded[first : first + columns] for first in range(0, len(padded), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def _place(
    tiles: Sequence[Tile], duration_s: Fraction, width: int, height: int
) -> Iterator[_Place]:
    ends = [tile.start_s for tile in tiles[1:]] + [duration_s]
    for number, (tile, end_s) in enumerate(zip(tiles, ends, strict=True)):
        row, column = divmod(number % _TILES_PER_SHEET, _COLUMNS)
        sheet = _sheet_name(number).rpartition("/")[2]
        yield _Place(tile.start_s, end_s, sheet, column * width, row * height)


def _write_vtt(places: Sequence[_Place], width: int, height: int) -> str:
    cues = [
        f"{_clock(place.start_s)} --> {_clock(place.end_s)}\n"
        f"{place.sheet}#xywh={place.x},{place.y},{width},{height}\n"
        for place in places
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: Fraction) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _write_json(places: Sequence[_Place], width: int, height: int, duration_s: Fraction) -> str:
    tiles = [
        {"start": round(float(place.start_s), 3), "url": place.sheet, "x": place.x, "y": place.y}
        for place in places
    ]
    sizes = {"tile_width": width, "tile_height": height, "duration": round(float(duration_s), 3)}
    return json.dumps({**sizes, "tiles": tiles}, separators=(",", ":"))
