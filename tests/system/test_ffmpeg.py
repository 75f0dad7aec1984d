"""The announced playback URL in the ffmpeg command, as somebody would paste it there."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from standalone.demo import read_counter
from tests.stack import Stack

pytestmark = pytest.mark.system

SECONDS = 24
RATE = 30
WIDTH, HEIGHT = 640, 360


@pytest.fixture(autouse=True)
def _need_ffmpeg() -> None:
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        pytest.skip("needs ffmpeg (on Debian and Ubuntu: apt install ffmpeg)")


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        (program, "-v", "error", *arguments), check=True, capture_output=True, timeout=120
    )


def test_it_is_a_film_of_its_length_with_picture_and_sound(stack: Stack) -> None:
    shown = run(
        "ffprobe", "-of", "json", "-show_format", "-show_streams", stack.announced["playback_url"]
    )
    film = json.loads(shown.stdout)
    assert float(film["format"]["duration"]) == pytest.approx(SECONDS, abs=0.1)
    begin = {stream["codec_type"]: float(stream["start_time"]) for stream in film["streams"]}
    assert begin["video"] == pytest.approx(begin["audio"], abs=0.010)


@pytest.mark.parametrize("seconds", [0.0, 7.3, 18.0])
def test_seek_shows_the_picture_of_that_moment(stack: Stack, seconds: float) -> None:
    # Behind -i, since FFmpeg 5.1 jumps to nowhere in any fMP4 stream, its own included;
    # test_playback jumps with a newer one.
    picture = run(
        "ffmpeg",
        *("-i", stack.announced["playback_url"], "-ss", str(seconds)),
        *("-frames:v", "1", "-vf", f"scale={WIDTH}:{HEIGHT}", "-pix_fmt", "rgb24"),
        *("-f", "rawvideo", "pipe:1"),
    ).stdout
    number = read_counter(np.frombuffer(picture, np.uint8).reshape(HEIGHT, WIDTH, 3))
    assert number / RATE == pytest.approx(seconds, abs=0.5)


def test_the_whole_film_decodes_without_a_word(stack: Stack) -> None:
    told = run("ffmpeg", "-i", stack.announced["playback_url"], "-f", "null", "-")
    assert told.stderr == b""


def test_a_link_without_its_token_is_refused(stack: Stack) -> None:
    token = stack.announced["playback_url"].split("/")[4]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run("ffprobe", stack.announced["playback_url"].replace(token, "a"))
    assert b"403" in refused.value.stderr
