"""Captions as renditions: the files, and what playlists will say of them."""

from fractions import Fraction

import pytest

from shared.asset import etag_of
from shared.captions import Captions, Cue, parse_captions
from transcoder.cmaf.film import TextRendition
from transcoder.text.captions import CaptionTrack, write_texts

MAP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
TWELVE = Fraction(12)


def make_track(*cues: tuple[int, int, str], **facts: object) -> CaptionTrack:
    listed = tuple(Cue(*cue) for cue in cues or [(1000, 2000, "Hello")])
    return CaptionTrack(Captions(listed), **{"language": "eng", **facts})  # type: ignore[arg-type]


def write(
    *tracks: CaptionTrack,
    duration_s: Fraction = TWELVE,
    carried: tuple[TextRendition, ...] = (),
) -> tuple[tuple[TextRendition, ...], dict[str, bytes]]:
    files: dict[str, bytes] = {}

    def put(name: str, content: bytes) -> str:
        files[name] = content
        return etag_of(content)

    return write_texts(tracks, duration_s, sink=put, carried=carried), files


def test_a_track_is_one_file_as_long_as_the_film() -> None:
    (text,), files = write(make_track())
    (segment,) = text.segments
    content = files["text/en/captions.vtt"]
    assert (text.folder, text.language, text.name) == ("text/en", "en", "English")
    assert (segment.size_bytes, segment.etag) == (len(content), etag_of(content))
    assert segment.duration_s == 12
    assert not text.is_default


def test_the_file_maps_its_times_to_the_film_s_beginning() -> None:
    _, files = write(make_track())
    lines = files["text/en/captions.vtt"].decode().split("\n")
    assert lines[:5] == ["WEBVTT", MAP, "", "00:00:01.000 --> 00:00:02.000", "Hello"]


def test_captions_outside_the_film_are_cut() -> None:
    track = make_track(
        (-3000, -1000, "before"),
        (-1000, 1000, "across the beginning"),
        (11_000, 15_000, "across the end"),
        (12_000, 13_000, "after"),
    )
    _, files = write(track)
    assert [
        (cue.start_ms, cue.end_ms, cue.text)
        for cue in parse_captions(files["text/en/captions.vtt"]).cues
    ] == [(0, 1000, "across the beginning"), (11_000, 12_000, "across the end")]


def test_captions_said_twice_are_kept_once() -> None:
    _, files = write(make_track((0, 1000, "a"), (0, 1000, "a"), (0, 1000, "b")))
    assert [c.text for c in parse_captions(files["text/en/captions.vtt"]).cues] == ["a", "b"]


def test_a_track_that_shows_nothing_is_none() -> None:
    texts, files = write(make_track((20_000, 21_000, "too late")))
    assert (texts, files) == ((), {})


def test_styles_are_kept() -> None:
    styled = parse_captions(
        b"WEBVTT\n\nSTYLE\n::cue { color: red }\n\n00:01.000 --> 00:02.000\na\n"
    )
    _, files = write(CaptionTrack(styled, "en"))
    assert b"\n\nSTYLE\n::cue { color: red }\n\n" in files["text/en/captions.vtt"]


@pytest.mark.parametrize(
    ("facts", "name", "characteristics"),
    [
        ({}, "English", 0),
        ({"is_sdh": True}, "English (CC)", 2),
        ({"is_forced": True}, "English (forced)", 0),
        ({"language": None}, "Captions", 0),
        ({"language": "pt-br"}, "Português (BR)", 0),
        ({"title": "Signs & songs", "is_forced": True}, "Signs & songs", 0),
        ({"title": 'A "title"\n'}, "A 'title'", 0),
    ],
    ids=str,
)
def test_tracks_say_what_they_are(
    facts: dict[str, object], name: str, characteristics: int
) -> None:
    (text,), _ = write(make_track(**facts))
    assert (text.name, len(text.characteristics)) == (name, characteristics)
    assert text.is_forced == bool(facts.get("is_forced"))
    assert all(kind.startswith("public.accessibility.") for kind in text.characteristics)


def test_tracks_of_one_language_lie_and_are_named_apart() -> None:
    texts, files = write(make_track(), make_track(language="en"), make_track(language="de"))
    assert [text.folder for text in texts] == ["text/en", "text/en_2", "text/de"]
    assert [text.name for text in texts] == ["English", "English 2", "Deutsch"]
    assert list(files) == [f"{text.folder}/captions.vtt" for text in texts]


def test_what_is_carried_over_keeps_its_place() -> None:
    carried, _ = write(make_track(), make_track(language="de"))
    texts, files = write(make_track(is_sidecar=True), carried=carried)
    assert texts[:2] == carried
    assert (texts[2].folder, texts[2].name, texts[2].is_sidecar) == ("text/en_2", "English 2", True)
    assert list(files) == ["text/en_2/captions.vtt"]
