"""Chapters: which are kept, and what the file says."""

import json
from fractions import Fraction

import pytest

from transcoder.cmaf.film import Chapter
from transcoder.input.facts import ChapterFacts
from transcoder.text.chapters import choose_chapters, write_chapters


def choose(
    *chapters: tuple[float, float, str], start_s: float = 0, duration_s: float = 60
) -> list[tuple[float, float, str]]:
    facts = [ChapterFacts(Fraction(b), Fraction(e), title) for b, e, title in chapters]
    chosen = choose_chapters(facts, start_s=Fraction(start_s), duration_s=Fraction(duration_s))
    return [(float(c.start_s), float(c.end_s), c.title) for c in chosen]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        pytest.param([], [], id="none"),
        pytest.param([(0, 60, "")], [], id="one without a name"),
        pytest.param([(0, 60, "All")], [(0, 60, "All")], id="one with a name"),
        pytest.param(
            [(0, 30, ""), (30, 60, "")],
            [(0, 30, "Chapter 1"), (30, 60, "Chapter 2")],
            id="without names",
        ),
        pytest.param(
            [(30, 60, "b"), (0, 30, "a")], [(0, 30, "a"), (30, 60, "b")], id="out of order"
        ),
        pytest.param([(0, 60, "a"), (20, 60, "b")], [(0, 20, "a"), (20, 60, "b")], id="nested"),
        pytest.param([(0, 10, "a"), (20, 30, "b")], [(0, 20, "a"), (20, 30, "b")], id="with gaps"),
        pytest.param([(0, 30, "a"), (0, 30, "b")], [(0, 30, "a")], id="doubled"),
        pytest.param([(0, 30, "a"), (30, 90, "b")], [(0, 30, "a"), (30, 60, "b")], id="too long"),
        pytest.param([(0, 30, "a"), (70, 90, "b")], [(0, 30, "a")], id="beyond the end"),
        pytest.param([(0, 30, " a\nb\0 ")], [(0, 30, "a b")], id="odd letters"),
        pytest.param([(5, 5, "a")], [], id="of no length"),
    ],
)
def test_chapters_follow_on_each_other_within_the_film(
    told: list[tuple[float, float, str]], kept: list[tuple[float, float, str]]
) -> None:
    assert choose(*told) == kept


def test_chapters_are_told_in_the_film_s_own_time() -> None:
    assert choose((1, 11, "a"), (11, 21, "b"), start_s=3.5) == [(0, 7.5, "a"), (7.5, 17.5, "b")]


def test_very_many_chapters_are_cut_short() -> None:
    many = [(n / 100, (n + 1) / 100, f"{n}") for n in range(3000)]
    assert len(choose(*many)) == 1000


def test_the_file_is_in_the_form_that_players_read() -> None:
    chapters = [
        Chapter(Fraction(0), Fraction(3003, 500), "Début"),
        Chapter(Fraction(3003, 500), Fraction(20), "Fin"),
    ]
    assert json.loads(write_chapters(chapters)) == [
        {
            "chapter": 1,
            "start-time": 0,
            "duration": 6.006,
            "titles": [{"language": "und", "title": "Début"}],
        },
        {
            "chapter": 2,
            "start-time": 6.006,
            "duration": 13.994,
            "titles": [{"language": "und", "title": "Fin"}],
        },
    ]
