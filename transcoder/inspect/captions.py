"""What is asked of captions."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from transcoder.inspect.presentation import Presentation

_SHORT_S: Final = Fraction(1, 2)


def find_faulty(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for text in presentation.texts.values():
        for segment in text.segments:
            if segment.fault:
                yield segment.name, segment.fault


def find_unmapped(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for text in presentation.texts.values():
        for segment in text.segments:
            if not segment.has_map:
                yield segment.name, "has no X-TIMESTAMP-MAP"


def find_short(presentation: Presentation) -> Iterator[tuple[str, str]]:
    film_s = max(
        (stream.ends_s - stream.starts_s for stream in presentation.streams.values()),
        default=Fraction(0),
    )
    for text in presentation.texts.values():
        covered_s = sum((segment.listed_s for segment in text.segments), start=Fraction(0))
        if film_s - covered_s > _SHORT_S:
            yield text.name, f"covers {float(covered_s):.1f} s of {float(film_s):.1f} s"
