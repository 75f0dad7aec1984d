"""What is asked of bit rates and frame rates."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from transcoder.inspect.presentation import Presentation

_NATURAL_RATES: Final = tuple(
    Fraction(*rate)
    for rate in ((24000, 1001), (24,), (25,), (30000, 1001), (30,), (50,), (60000, 1001), (60,))
)
_SAME_RATE: Final = Fraction(1, 2000)
_FASTEST: Final = 60
_WITHIN: Final = Fraction(1, 10)
_FIRST_BPS: Final = 2_000_000
_CELLULAR_BPS: Final = 192_000
# Below this a film has too few segments for its peak to say anything of it.
_FEWEST_SEGMENTS: Final = 3


def find_unnatural_rates(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        rate = 1 / stream.frame_s
        if not any(abs(rate / natural - 1) <= _SAME_RATE for natural in _NATURAL_RATES):
            yield stream.name, f"has {float(rate):.3f} frames a second"


def find_fast_rates(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        if 1 / stream.frame_s > _FASTEST * (1 + _SAME_RATE):
            yield stream.name, f"has {float(1 / stream.frame_s):.3f} frames a second"


def find_wrong_averages(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant, stream in presentation.variants:
        measured = presentation.bandwidth(variant, stream).average_bps
        captions = presentation.captions_bandwidth(variant).average_bps
        declared = variant.average_bandwidth_bps
        if declared is not None and not _is_within(declared, measured, measured + captions):
            yield stream.name, f"needs {measured} bit/s on average, not {declared}"


def find_wrong_peaks(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for variant, stream in presentation.variants:
        measured = presentation.bandwidth(variant, stream).peak_bps
        captions = presentation.captions_bandwidth(variant).peak_bps
        if not _is_within(variant.bandwidth_bps, measured, measured + captions):
            yield stream.name, f"peaks at {measured} bit/s, not {variant.bandwidth_bps}"


def _is_within(declared: int, least: int, most: int) -> bool:
    """Captions may be counted: of a picture that is next to nothing they are a good part."""
    slack = declared * _WITHIN
    return least - slack <= declared <= most + slack


def find_high_peaks(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.streams.values():
        needed = stream.bandwidth
        if len(stream.segments) >= _FEWEST_SEGMENTS and needed.peak_bps > 2 * needed.average_bps:
            yield (
                stream.name,
                (f"peaks at {needed.peak_bps} bit/s, {needed.average_bps} bit/s on average"),
            )


def find_wrong_first(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """Of pictures; sound alone may begin with any."""
    if not presentation.videos:
        return

    def distance(bandwidth_bps: int) -> int:
        return abs(bandwidth_bps - _FIRST_BPS)

    variants = presentation.main.variants
    alike = [variant for variant in variants if variant.audio == variants[0].audio]
    nearest = min(alike, key=lambda variant: distance(variant.bandwidth_bps))
    if distance(variants[0].bandwidth_bps) > distance(nearest.bandwidth_bps):
        yield presentation.name, f"begins with {variants[0].uri}, not with {nearest.uri}"


def find_no_cellular(presentation: Presentation) -> Iterator[tuple[str, str]]:
    least = min(variant.bandwidth_bps for variant in presentation.main.variants)
    if least > _CELLULAR_BPS:
        yield presentation.name, f"has no variant below {least} bit/s"
