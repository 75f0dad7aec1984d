"""A film written down and read again is the same film."""

from fractions import Fraction
from typing import Any

import pytest

from tests.transcoder.cmaf.test_boxes import AUDIO, VIDEO
from transcoder.cmaf.film import (
    AudioRendition,
    Chapter,
    DocumentInvalid,
    Film,
    FilmDocument,
    KeyChunk,
    Loudness,
    TextRendition,
    VideoRendition,
    WrittenSegment,
)
from transcoder.planning.ladder import choose_rungs

RUNG = choose_rungs(1280, 720, Fraction(30000, 1001))[-1]
KEY_CHUNK = KeyChunk(28, 4096, 60 / RUNG.frame_rate)
SEGMENT = WrittenSegment(90_000, "x" * 22, 180 / RUNG.frame_rate, (KEY_CHUNK,) * 3)
SOUND = WrittenSegment(96_000, "y" * 22, Fraction(282 * 1024, 48_000))
FILM = Film(
    video=(VideoRendition("video/720", "avc1.64001f", (SEGMENT,), VIDEO, RUNG),),
    audio=(
        AudioRendition("audio/stereo", "mp4a.40.2", (SOUND,), AUDIO),
        AudioRendition(
            "audio/de",
            "mp4a.40.2",
            (SOUND,),
            AUDIO,
            language="de",
            name="Deutsch",
            is_default=False,
            loudness=Loudness(-23.1, 7.5, -1.2, 7.1),
        ),
    ),
    duration_s=180 / RUNG.frame_rate,
    texts=(TextRendition("text/en", "wvtt", (SOUND,), "en", "English"),),
    chapters=(Chapter(Fraction(0), Fraction(1, 3), "The beginning"),),
    peaks=(0.25, 1.0),
)


def test_a_film_written_is_the_film_read() -> None:
    document = FilmDocument(film=FILM)
    assert FilmDocument.parse(document.render()) == document
    assert document.render() == document.render()


def test_renditions_are_picture_and_sound_the_lowest_rung_first() -> None:
    assert [r.folder for r in FILM.renditions] == ["video/720", "audio/stereo", "audio/de"]
    assert FILM.video[0].duration_s == FILM.duration_s


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"peaks"', b'"peeks"'),
        (b'"30000/1001"', b'"30000/0"'),
        (b'"Deutsch"', b"1"),
        (b'"size_bytes"', b'"bytes"'),
    ],
    ids=["another member", "no number", "another type", "a member missing"],
)
def test_a_document_of_another_form_is_refused(old: bytes, new: bytes) -> None:
    content = FilmDocument(film=FILM).render()
    assert old in content
    with pytest.raises(DocumentInvalid):
        FilmDocument.parse(content.replace(old, new))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"null"])
def test_other_bytes_are_no_film(content: Any) -> None:
    with pytest.raises(DocumentInvalid):
        FilmDocument.parse(content)
