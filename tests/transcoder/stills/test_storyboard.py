"""Storyboards: a tile for every stretch of the film, where the VTT and the JSON say it is."""

import io
import json
import re
from fractions import Fraction

import av
import numpy as np
import pytest

from standalone.demo import read_counter
from tests.transcoder.orders import Made
from transcoder.stills.storyboard import Tile, choose_step, make_storyboard, tile_size


def make_tiles(count: int) -> list[Tile]:
    pictures = [np.full((90, 160, 3), number % 200, np.uint8) for number in range(count)]
    return [Tile(Fraction(2 * n), picture) for n, picture in enumerate(pictures)]


def test_a_tile_for_every_two_seconds_of_the_demo_film(film: Made) -> None:
    text = (film.folder / "storyboard/storyboard.vtt").read_text()
    cues = re.findall(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),160,90\n", text)
    assert text.startswith("WEBVTT\n\n")
    assert cues == [
        ("00:00:00.000", "00:00:02.000", "sheet_1.jpg", "0", "0"),
        ("00:00:02.000", "00:00:04.000", "sheet_1.jpg", "160", "0"),
        ("00:00:04.000", "00:00:06.000", "sheet_1.jpg", "320", "0"),
        ("00:00:06.000", "00:00:07.000", "sheet_1.jpg", "480", "0"),
    ]


def test_tiles_show_the_moment_they_stand_for(film: Made) -> None:
    with av.open(str(film.folder / "storyboard/sheet_1.jpg"), "r") as container:
        sheet = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert sheet.shape == (90, 640, 3)
    numbers = [read_counter(sheet[:, 160 * n : 160 * (n + 1)]) for n in range(4)]
    assert numbers == [0, 60, 120, 180]


def test_the_json_says_the_same(film: Made) -> None:
    board = json.loads((film.folder / "storyboard/storyboard.json").read_text())
    assert (board["tile_width"], board["tile_height"], board["duration"]) == (160, 90, 7.0)
    assert board["tiles"][3] == {"start": 6.0, "url": "sheet_1.jpg", "x": 480, "y": 0}


@pytest.mark.parametrize(
    ("tiles", "sheets"),
    [
        (1, [(160, 90)]),
        (10, [(1600, 90)]),
        (11, [(1600, 180)]),
        (100, [(1600, 900)]),
        (101, [(1600, 900), (160, 90)]),
        (250, [(1600, 900), (1600, 900), (1600, 450)]),
    ],
    ids=str,
)
def test_tiles_lie_on_as_many_sheets_as_they_need(
    tiles: int, sheets: list[tuple[int, int]]
) -> None:
    files = dict(make_storyboard(make_tiles(tiles), Fraction(2 * tiles)))
    sizes = []
    for number in range(1, len(sheets) + 1):
        with av.open(io.BytesIO(files[f"storyboard/sheet_{number}.jpg"]), "r") as container:
            stream = container.streams.video[0]
            sizes.append((stream.width, stream.height))
    assert sizes == sheets
    assert len(files) == len(sheets) + 2


def test_a_tile_of_a_later_sheet_is_found_there() -> None:
    files = dict(make_storyboard(make_tiles(113), Fraction(226)))
    assert b"sheet_2.jpg#xywh=320,90,160,90\n" in files["storyboard/storyboard.vtt"]


def test_times_go_beyond_an_hour() -> None:
    tiles = [Tile(Fraction(3723.5), np.zeros((90, 160, 3), np.uint8))]
    vtt = dict(make_storyboard(tiles, Fraction(36_000)))["storyboard/storyboard.vtt"]
    assert b"01:02:03.500 --> 10:00:00.000" in vtt


@pytest.mark.parametrize(
    ("key_frames", "step"),
    [(1, 1), (720, 1), (721, 2), (3600, 5), (7200, 10), (21_600, 30), (100_000, 139)],
)
def test_long_films_have_fewer_tiles_a_minute(key_frames: int, step: int) -> None:
    assert choose_step(key_frames) == step
    assert -(-key_frames // step) <= 720


@pytest.mark.parametrize(
    ("size", "tile"),
    [((640, 360), (160, 90)), ((360, 640), (90, 160)), ((360, 360), (160, 160)),
     ((854, 480), (160, 90)), ((3600, 36), (160, 2))],
    ids=str,
)  # fmt: skip
def test_tiles_keep_the_aspect(size: tuple[int, int], tile: tuple[int, int]) -> None:
    assert tile_size(*size) == tile
