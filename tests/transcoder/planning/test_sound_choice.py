"""Which renditions the sound of a source becomes."""

from fractions import Fraction
from typing import Any

import pytest

from transcoder.input.facts import AudioFacts
from transcoder.planning.sound_choice import (
    MAX_TRACKS,
    choose_sounds,
    clean_title,
    list_unheard,
    name_apart,
)


def make_track(stream: int = 1, **facts: Any) -> AudioFacts:
    return AudioFacts(stream, Fraction(0), Fraction(10), **facts)


def test_one_track_is_stereo_and_the_default() -> None:
    (sound,) = choose_sounds([make_track(language="eng")])
    assert (sound.folder, sound.group, sound.layout) == ("audio/stereo", "stereo", "stereo")
    assert (sound.channels, sound.bit_rate_bps) == (2, 128_000)
    assert (sound.language, sound.name, sound.is_default) == ("en", "English", True)


def test_a_source_without_sound_has_no_rendition() -> None:
    assert choose_sounds([]) == ()


@pytest.mark.parametrize(
    ("channels", "groups"),
    [
        (1, ["stereo"]),
        (2, ["stereo"]),
        (4, ["stereo"]),
        (5, ["stereo", "surround"]),
        (6, ["stereo", "surround"]),
        (8, ["stereo", "surround"]),
    ],
)
def test_surround_sound_is_there_when_the_source_has_it(channels: int, groups: list[str]) -> None:
    sounds = choose_sounds([make_track(channels=channels)])
    assert [sound.group for sound in sounds] == groups
    for sound in sounds[1:]:
        assert (sound.folder, sound.layout, sound.channels) == ("audio/surround", "5.1", 6)
        assert sound.bit_rate_bps == 320_000


def test_every_language_has_a_rendition_of_its_own() -> None:
    tracks = [
        make_track(1, language="eng", channels=6),
        make_track(2, language="fre"),
        make_track(3, language="ger", channels=6),
    ]
    told = [(s.folder, s.language, s.name, s.is_default) for s in choose_sounds(tracks)]
    assert told == [
        ("audio/stereo", "en", "English", True),
        ("audio/stereo_2", "fr", "Français", False),
        ("audio/stereo_3", "de", "Deutsch", False),
        ("audio/surround", "en", "English", True),
        ("audio/surround_3", "de", "Deutsch", False),
    ]


def test_the_same_sound_in_two_codings_is_taken_once_and_at_its_best() -> None:
    tracks = [make_track(1, language="eng"), make_track(2, language="eng", channels=6)]
    sounds = choose_sounds(tracks)
    assert [(s.group, s.facts.stream) for s in sounds] == [("stereo", 2), ("surround", 2)]


def test_a_commentary_is_another_sound_of_the_same_language() -> None:
    tracks = [
        make_track(1, language="eng"),
        make_track(2, language="eng", title="With the director"),
    ]
    assert [sound.name for sound in choose_sounds(tracks)] == ["English", "With the director"]


def test_a_source_of_very_many_tracks_is_cut_short() -> None:
    tracks = [make_track(number, title=f"Take {number}") for number in range(100)]
    assert len(choose_sounds(tracks)) == MAX_TRACKS


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        (None, ""),
        ("SoundHandler", ""),
        ("Stereo", ""),
        ("Dolby Digital 5.1", ""),
        ("DTS-HD MA 7.1 @ 1509 kb/s", ""),
        ("Track 1", ""),
        ("English 5.1", "English 5.1"),
        ("5.1 for headphones", "5.1 for headphones"),
        ('The "real" one\r\n#EXTM3U', "The 'real' one #EXTM3U"),
        ("a" * 200, "a" * 80),
        ("\x00\u202e", ""),
    ],
)
def test_titles_can_stand_in_a_playlist(title: str | None, clean: str) -> None:
    assert clean_title(title) == clean


def test_no_two_names_are_alike() -> None:
    assert name_apart(["a", "b", "a", "a 2", "a"]) == ["a", "b", "a 2", "a 2 2", "a 3"]


@pytest.mark.parametrize(
    "field",
    [{"channels": 4}, {"channels": 16, "layout": "ambisonic 3"}],
    ids=["four microphones", "all around"],
)
def test_what_microphones_record_does_not_stand_for_stereo(field: dict[str, Any]) -> None:
    (sound,) = choose_sounds([make_track(1), make_track(2, **field)])
    assert sound.facts.stream == 1
    (alone,) = choose_sounds([make_track(2, **field)])
    assert alone.group == "stereo"


def make_side(stream: int, **facts: Any) -> AudioFacts:
    return make_track(stream, channels=1, codec="pcm_s24le", **facts)


def test_two_tracks_of_one_channel_are_the_left_and_the_right() -> None:
    (sound,) = choose_sounds([make_side(1), make_side(2)])
    assert [track.stream for track in sound.tracks] == [1, 2]
    assert (sound.channels, sound.layout) == (2, "stereo")


def test_what_a_camera_records_beyond_left_and_right_is_told_to_be_unheard() -> None:
    tracks = [make_side(number) for number in (1, 2, 3, 4)]
    (sound,) = choose_sounds(tracks)
    assert [track.stream for track in sound.tracks] == [1, 2]
    assert [track.stream for track in list_unheard(tracks)] == [3, 4]


@pytest.mark.parametrize(
    "tracks",
    [
        [make_side(1)],
        [make_side(1, language="ger"), make_side(2, language="eng")],
        [make_side(1, title="Boom"), make_side(2, title="Lavalier")],
        [make_side(1), make_track(2, codec="pcm_s24le")],
        [make_track(1, channels=1, codec="mp2"), make_track(2, channels=1, codec="mp2")],
    ],
    ids=["one", "two languages", "two names", "beside stereo", "coded"],
)
def test_other_tracks_stand_for_themselves(tracks: list[AudioFacts]) -> None:
    assert all(len(sound.tracks) == 1 for sound in choose_sounds(tracks))
