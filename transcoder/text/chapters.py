"""Chapters: which of the source's are kept, and how they are written down.

The file is in the form that Apple's players read (HLS session data `com.apple.hls.chapters`), and
that a page can read as well:

    [{"chapter": 1, "start-time": 0.0, "duration": 61.5,
      "titles": [{"language": "und", "title": "Beginning"}]}]
"""

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from transcoder.cmaf.film import Chapter
from transcoder.input.facts import ChapterFacts

_MAX_CHAPTERS: Final = 1_000
_MAX_TITLE: Final = 200


def choose_chapters(
    facts: Iterable[ChapterFacts], *, start_s: Fraction, duration_s: Fraction
) -> tuple[Chapter, ...]:
    """The chapters on the film's time line, in order: each ends where the next one begins, and
    the last with the film at the latest. One alone that has no name is none."""
    titles: dict[Fraction, str] = {}
    ends_s = Fraction(0)
    for chapter in sorted(facts, key=lambda chapter: chapter.start_s):
        begins_s = max(Fraction(0), chapter.start_s - start_s)
        if begins_s < duration_s and chapter.end_s - start_s > 0:
            titles.setdefault(begins_s, _clean(chapter.title))
            ends_s = max(ends_s, min(chapter.end_s - start_s, duration_s))
    if not any(titles.values()) and len(titles) < 2:
        return ()
    return _number(titles, ends_s)


def _number(titles: dict[Fraction, str], ends_s: Fraction) -> tuple[Chapter, ...]:
    borders = [*titles, max(ends_s, *titles)]
    return tuple(
        Chapter(begin_s, end_s, titles[begin_s] or f"Chapter {number}")
        for number, (begin_s, end_s) in enumerate(pairwise(borders), start=1)
        if begin_s < end_s
    )[:_MAX_CHAPTERS]


def _clean(title: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in title).split())[:_MAX_TITLE]


def write_chapters(chapters: Sequence[Chapter]) -> str:
    """The JSON file."""
    told = [
        {
            "chapter": number,
            "start-time": _seconds(chapter.start_s),
            "duration": _seconds(chapter.end_s - chapter.start_s),
            "titles": [{"language": "und", "title": chapter.title}],
        }
        for number, chapter in enumerate(chapters, start=1)
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _seconds(time_s: Fraction) -> float:
    return round(float(time_s), 3)
