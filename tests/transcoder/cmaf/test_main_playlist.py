"""`main.m3u8`: what there is to choose from, and what each choice needs."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from shared.hls.multivariant import Media, MultivariantPlaylist, parse_multivariant
from tests.transcoder.clips import Clip, write_clip
from tests.transcoder.inspect.packages import run_packager
from tests.transcoder.orders import Made, transcode
from tests.transcoder.renditions import make_audio, make_film, make_rendition, make_text
from transcoder.cmaf.film import Chapter
from transcoder.cmaf.main_playlist import make_main_playlist, write_playlists

ENGLISH = make_audio(6.0, 6.0, group="stereo", language="en", name="English")
FRENCH = make_audio(
    6.0, 6.0, folder="audio/stereo_2", size_bytes=150, group="stereo", language="fr",
    name="Français", is_default=False,
)  # fmt: skip
SURROUND = make_audio(
    6.0, 6.0, folder="audio/surround", size_bytes=300, group="surround", channels=6,
    language="en", name="English",
)  # fmt: skip


def read_main(made: Made) -> MultivariantPlaylist:
    return parse_multivariant((made.folder / "main.m3u8").read_text())


def list_group(main: MultivariantPlaylist, group: str) -> list[Media]:
    return [media for media in main.media if media.group_id == group]


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
        assert (variant.audio, variant.closed_captions) == ("stereo", "NONE")
        assert variant.average_bandwidth_bps is not None
        assert variant.average_bandwidth_bps <= variant.bandwidth_bps
    assert [variant.uri for variant in main.i_frame_variants] == [
        f"video/{height}/iframes.m3u8" for height in (360, 480, 720)
    ]
    (audio,) = main.media
    assert (audio.type, audio.uri, audio.channels) == ("AUDIO", "audio/stereo/media.m3u8", "2")
    assert audio.default
    assert audio.autoselect


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
    main = make_main_playlist(make_film(tuple(rungs)))
    assert main.variants[0].uri == f"{first}/media.m3u8"
    rest = [variant.bandwidth_bps for variant in main.variants[1:]]
    assert rest == sorted(rest)


def test_bandwidth_is_that_of_all_that_plays_together() -> None:
    film = make_film((make_rendition(720, 2.0),), make_audio(6.0, 6.0))
    variant = make_main_playlist(film).variants[0]
    assert variant.bandwidth_bps == 2_000_000 + 134


def test_a_silent_film_names_no_group() -> None:
    film = make_film((make_rendition(720, 2.0),))
    main = make_main_playlist(film)
    assert (main.media, main.variants[0].audio, main.variants[0].codecs) == (
        (),
        None,
        "avc1.64001f",
    )


def test_sound_alone_is_a_variant() -> None:
    film = make_film((), make_audio(6.0, 3.0))
    main = make_main_playlist(film)
    (variant,) = main.variants
    assert (variant.uri, variant.codecs) == ("audio/stereo/media.m3u8", "mp4a.40.2")
    assert (main.media, main.i_frame_variants) == ((), ())


def pack_again(made: Made, folder: Path) -> MultivariantPlaylist:
    """The same media as Shaka Packager, which has nothing to complain of, describes it."""
    streams = []
    for rendition in made.asset.renditions:
        run = rendition.segments
        source = made.folder / run.pattern.partition("{")[0]
        names = [source / "init.mp4", *(made.folder / name for name in run.names())]
        joined = folder / f"{rendition.id}.mp4"
        joined.write_bytes(b"".join(name.read_bytes() for name in names))
        place = f"{rendition.kind}/{rendition.id}"
        fields = [f"in={joined}", f"stream={rendition.kind}", f"playlist_name={place}/media.m3u8"]
        fields += [f"init_segment={place}/init.mp4", f"segment_template={place}/$Number$.m4s"]
        fields += ["hls_group_id=stereo"] if rendition.kind == "audio" else []
        streams.append(",".join(fields))
    options = ["--segment_duration", 6, "--hls_master_playlist_output", "main.m3u8"]
    assert run_packager(folder, [*streams, *options]) == ""
    lines = (folder / "main.m3u8").read_text().splitlines()
    return parse_multivariant("\n".join(line for line in lines if not line.startswith("##")))


def test_what_is_needed_is_what_another_packager_measures(tmp_path: Path) -> None:
    """Of whole segments; of a short last one it takes no notice, as RFC 8216 would have it."""
    source = write_clip(tmp_path / "clip.mp4", Clip(seconds=18, size=(640, 360)))
    made = transcode(source.read_bytes(), tmp_path / "store")
    ours = {variant.uri: variant for variant in read_main(made).variants}
    theirs = {variant.uri: variant for variant in pack_again(made, tmp_path).variants}
    assert ours.keys() == theirs.keys()
    for uri, variant in ours.items():
        assert variant.codecs == theirs[uri].codecs
        assert variant.bandwidth_bps == pytest.approx(theirs[uri].bandwidth_bps, rel=0.005)
        average = theirs[uri].average_bandwidth_bps
        assert variant.average_bandwidth_bps == pytest.approx(average, rel=0.005)


def test_languages_are_members_of_one_group() -> None:
    main = make_main_playlist(make_film((make_rendition(720, 2.0),), ENGLISH, FRENCH))
    english, french = main.media
    assert {english.group_id, french.group_id, main.variants[0].audio} == {"stereo"}
    assert (english.name, english.language, english.default) == ("English", "en", True)
    assert (french.name, french.language, french.default) == ("Français", "fr", False)
    assert english.autoselect
    assert french.autoselect
    # the French one is the more demanding: 150 bytes in 6 s
    assert main.variants[0].bandwidth_bps == 2_000_000 + 200


def test_of_one_language_a_player_chooses_none_but_the_first_by_itself() -> None:
    commentary = make_audio(
        6.0, folder="audio/stereo_2", group="stereo", language="en", name="Talk", is_default=False
    )
    main = make_main_playlist(make_film((make_rendition(720, 2.0),), ENGLISH, commentary))
    assert [media.autoselect for media in main.media] == [True, False]


def test_surround_sound_is_a_group_of_its_own_with_the_same_members() -> None:
    rungs = (make_rendition(360, 0.5), make_rendition(720, 2.0))
    main = make_main_playlist(make_film(rungs, ENGLISH, FRENCH, SURROUND))
    stereo, surround = list_group(main, "stereo"), list_group(main, "surround")
    assert [(m.name, m.language, m.default) for m in stereo] == [
        (m.name, m.language, m.default) for m in surround
    ]
    assert [(m.channels, m.uri) for m in surround] == [
        ("6", "audio/surround/media.m3u8"),
        ("2", "audio/stereo_2/media.m3u8"),
    ]
    assert [(v.uri, v.audio) for v in main.variants] == [
        ("video/720/media.m3u8", "stereo"),
        ("video/360/media.m3u8", "stereo"),
        ("video/360/media.m3u8", "surround"),
        ("video/720/media.m3u8", "surround"),
    ]
    assert {v.uri: v.bandwidth_bps for v in main.variants if v.audio == "surround"} == {
        "video/360/media.m3u8": 500_400,
        "video/720/media.m3u8": 2_000_400,
    }


def test_sound_alone_in_several_languages_names_its_group() -> None:
    main = make_main_playlist(make_film((), ENGLISH, FRENCH))
    (variant,) = main.variants
    assert (variant.uri, variant.audio) == ("audio/stereo/media.m3u8", "stereo")
    assert [media.name for media in main.media] == ["English", "Français"]


def test_sound_alone_in_surround_says_so() -> None:
    main = make_main_playlist(make_film((), ENGLISH, SURROUND))
    assert [(variant.uri, variant.audio) for variant in main.variants] == [
        ("audio/stereo/media.m3u8", "stereo"),
        ("audio/surround/media.m3u8", "surround"),
    ]
    assert [(media.group_id, media.channels) for media in main.media] == [
        ("stereo", "2"),
        ("surround", "6"),
    ]


def test_a_film_can_be_listened_to_alone() -> None:
    film = make_film((make_rendition(360, 0.5),), ENGLISH, FRENCH, SURROUND, texts=(make_text(),))
    sound = parse_multivariant(dict(write_playlists(film))["audio/main.m3u8"])
    assert [(v.uri, v.audio, v.resolution) for v in sound.variants] == [
        ("../audio/stereo/media.m3u8", "stereo", None),
        ("../audio/surround/media.m3u8", "surround", None),
    ]
    assert [media.uri for media in list_group(sound, "stereo")] == [
        "../audio/stereo/media.m3u8",
        "../audio/stereo_2/media.m3u8",
    ]
    assert [media.uri for media in list_group(sound, "text")] == ["../text/en/media.m3u8"]
    assert sound.i_frame_variants == ()


def test_a_silent_film_has_nothing_to_listen_to() -> None:
    names = [name for name, _ in write_playlists(make_film((make_rendition(360, 0.5),)))]
    assert "audio/main.m3u8" not in names


def test_captions_are_a_group_of_every_variant_and_never_on_by_default() -> None:
    texts = (
        make_text(),
        make_text("text/en_2", name="English (CC)", characteristics=("a.b", "c.d")),
        make_text("text/de", language="de", name="Deutsch", is_forced=True),
        make_text("text/und", language=None, name="Captions"),
    )
    main = make_main_playlist(make_film((make_rendition(720, 2.0),), ENGLISH, texts=texts))
    assert {variant.subtitles for variant in main.variants} == {"text"}
    plain, spoken, forced, unknown = list_group(main, "text")
    assert (plain.type, plain.uri, plain.language) == ("SUBTITLES", "text/en/media.m3u8", "en")
    assert not any(media.default for media in main.media if media.type == "SUBTITLES")
    assert [media.autoselect for media in (plain, spoken, forced, unknown)] == [
        True,
        True,
        True,
        False,
    ]
    assert (spoken.characteristics, plain.characteristics) == ("a.b,c.d", None)
    assert (forced.forced, plain.forced) == (True, False)
    # 600 bytes in 12 s on top of what picture and sound need
    assert main.variants[0].bandwidth_bps == 2_000_000 + 134 + 400


def test_chapters_are_named_as_data_beside_the_media() -> None:
    chapters = (Chapter(Fraction(0), Fraction(6), "Beginning"),)
    main = make_main_playlist(make_film((make_rendition(720, 2.0),), chapters=chapters))
    (data,) = main.session_data
    assert (data.data_id, data.uri) == ("com.apple.hls.chapters", "text/chapters.json")


def test_the_main_playlist_comes_last() -> None:
    names = [name for name, _ in write_playlists(make_film((make_rendition(720, 2.0),), ENGLISH))]
    assert names == [
        "video/720/media.m3u8",
        "video/720/iframes.m3u8",
        "audio/stereo/media.m3u8",
        "audio/main.m3u8",
        "main.m3u8",
    ]


def test_every_variant_says_that_its_range_is_standard() -> None:
    main = make_main_playlist(make_film((make_rendition(720, 2.0),)))
    assert [variant.video_range for variant in main.variants] == ["SDR"]
    assert [variant.video_range for variant in main.i_frame_variants] == ["SDR"]
