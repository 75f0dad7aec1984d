"""The playlists of a made film: what they name, how long it lasts, what it needs."""

from decimal import Decimal
from fractions import Fraction

import pytest

from shared.hls.media import MediaPlaylist, parse_media
from shared.hls.multivariant import MultivariantPlaylist, parse_multivariant
from tests.transcoder.orders import Made
from tests.transcoder.test_boxes import AUDIO, VIDEO
from transcoder.film import AudioRendition, Film, KeyChunk, VideoRendition, WrittenSegment
from transcoder.ladder import choose_rungs
from transcoder.playlists import choose_target, write_playlists


def read_main(made: Made) -> MultivariantPlaylist:
    return parse_multivariant((made.folder / "main.m3u8").read_text())


def read_media(made: Made, name: str) -> MediaPlaylist:
    return parse_media((made.folder / name).read_text())


def make_rendition(
    height: int, megabits: float, segments: int = 2, segment_s: Fraction = Fraction(6)
) -> VideoRendition:
    rung = choose_rungs(height * 16 // 9, height, Fraction(30))[-1]
    size = round(megabits * 1_000_000 / 8 * segment_s)
    written = WrittenSegment(size, "", segment_s, (KeyChunk(28, 100, segment_s),))
    return VideoRendition(f"video/{height}", "avc1.64001f", (written,) * segments, VIDEO, rung)


def make_audio(*durations_s: float) -> AudioRendition:
    segments = tuple(WrittenSegment(100, "", Fraction(d)) for d in durations_s)
    return AudioRendition("audio/stereo", "mp4a.40.2", segments, AUDIO)


def make_film(video: tuple[VideoRendition, ...], audio: AudioRendition | None = None) -> Film:
    sound = () if audio is None else (audio,)
    return Film(video, sound, (video or sound)[-1].duration_s)


def write(film: Film) -> dict[str, str]:
    return dict(write_playlists(film))


def test_the_multivariant_playlist_of_the_demo_film(film: Made) -> None:
    main = read_main(film)
    assert main.independent_segments
    assert {variant.uri for variant in main.variants} == {
        f"video/{height}/media.m3u8" for height in (360, 480, 720)
    }
    for variant in main.variants:
        assert variant.codecs is not None
        assert variant.codecs.startswith("avc1.6400")
        assert variant.codecs.endswith(",mp4a.40.2")
        assert variant.frame_rate == Decimal(30)
        assert (variant.audio, variant.closed_captions) == ("audio", "NONE")
        assert variant.average_bandwidth_bps is not None
        assert variant.average_bandwidth_bps <= variant.bandwidth_bps
    assert [variant.uri for variant in main.i_frame_variants] == [
        f"video/{height}/iframes.m3u8" for height in (360, 480, 720)
    ]
    (audio,) = main.media
    assert (audio.type, audio.uri, audio.channels) == ("AUDIO", "audio/stereo/media.m3u8", "2")
    assert audio.default
    assert audio.autoselect


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


@pytest.mark.parametrize(
    ("megabits", "first"),
    [
        pytest.param((0.5, 1.0, 2.5, 5.0), "video/720", id="the one near two megabits"),
        pytest.param((0.1, 0.2, 0.4, 0.6), "video/1080", id="the best of an easy film"),
        pytest.param((3.0, 4.0, 6.0, 9.0), "video/360", id="the least of a hard one"),
    ],
)
def test_the_first_variant_is_the_one_to_begin_with(
    megabits: tuple[float, ...], first: str
) -> None:
    rungs = [make_rendition(h, m) for h, m in zip((360, 480, 720, 1080), megabits, strict=True)]
    main = parse_multivariant(write(make_film(tuple(rungs)))["main.m3u8"])
    assert main.variants[0].uri == f"{first}/media.m3u8"
    rest = [variant.bandwidth_bps for variant in main.variants[1:]]
    assert rest == sorted(rest)


def test_bandwidth_is_that_of_all_that_plays_together() -> None:
    film = make_film((make_rendition(720, 2.0),), make_audio(6.0, 6.0))
    variant = parse_multivariant(write(film)["main.m3u8"]).variants[0]
    assert variant.bandwidth_bps == 2_000_000 + 134


def test_a_silent_film_names_no_group() -> None:
    film = make_film((make_rendition(720, 2.0),))
    main = parse_multivariant(write(film)["main.m3u8"])
    assert (main.media, main.variants[0].audio, main.variants[0].codecs) == (
        (),
        None,
        "avc1.64001f",
    )


def test_sound_alone_is_a_variant() -> None:
    film = make_film((), make_audio(6.0, 3.0))
    main = parse_multivariant(write(film)["main.m3u8"])
    (variant,) = main.variants
    assert (variant.uri, variant.codecs) == ("audio/stereo/media.m3u8", "mp4a.40.2")
    assert (main.media, main.i_frame_variants) == ((), ())


def test_durations_add_up_over_an_hour() -> None:
    segment_s = 180 * Fraction(1001, 30000)
    film = make_film((make_rendition(360, 0.5, segments=600, segment_s=segment_s),))
    playlist = parse_media(write(film)["video/360/media.m3u8"])
    total = sum(segment.duration_s for segment in playlist.segments)
    assert abs(Fraction(total) - 600 * segment_s) < Fraction(1, 1_000_000)


def test_durations_that_have_no_end_add_up_too() -> None:
    audio = make_audio()
    segment = WrittenSegment(100, "", Fraction(281 * 1024, 48000))
    film = make_film((), AudioRendition(audio.folder, audio.codecs, (segment,) * 600, AUDIO))
    playlist = parse_media(write(film)["audio/stereo/media.m3u8"])
    total = sum(segment.duration_s for segment in playlist.segments)
    assert abs(Fraction(total) - 600 * segment.duration_s) < Fraction(1, 1_000_000)


@pytest.mark.parametrize(
    ("durations_s", "target_s"),
    [((6.0, 6.016), 6), ((2.0,), 2), ((0.033,), 1), ((6.5,), 7), ((6.0, 0.5), 6)],
    ids=str,
)
def test_target_duration(durations_s: tuple[float, ...], target_s: int) -> None:
    assert choose_target(make_film((), make_audio(*durations_s))) == target_s
