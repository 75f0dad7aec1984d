"""Which pictures of a film could be its poster, and which one is: pure, NumPy on arrays.

A good one is well lit, rich in contrast and sharp, and neither black nor in the midst of a fade.
The five best are offered, well apart from each other; the best of all is taken until somebody
chooses another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_CANDIDATES: Final = 5

# Brightness, 0 to 1.
Luma = NDArray[np.float32]
Picture = NDArray[Any]

_BEST_MEAN: Final = 0.45
# How alike two neighbours are of which one is the other in a fade, and how much flatter that is.
_FADE_LIKENESS: Final = 0.6
_FADE_CONTRAST: Final = 0.75
# Candidates are this share of the film apart, if there are enough good ones.
_APART: Final = Fraction(1, 10)

_CARD_SIZE: Final = (1280, 720)
_CARD_BARS: Final = 128
_CARD_GROUND: Final = (24, 26, 32)
_CARD_BAR: Final = (120, 170, 255)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that could be the poster: the moment it shows, and how good it is."""

    start_s: Fraction
    score: float


def score_picture(luma: Luma) -> float:
    """How good a poster a picture would be, by itself. Black ones score next to nothing."""
    exposure = max(0.0, 1 - abs(float(luma.mean()) - _BEST_MEAN) / (1 - _BEST_MEAN))
    return float(exposure * luma.std() * np.sqrt(_measure_sharpness(luma)))


def _measure_sharpness(luma: Luma) -> float:
    """How much neighbours differ beyond an even slope (the mean of the Laplacian)."""
    if min(luma.shape) < 3:
        return 0.0
    inner = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.abs(4 * inner - around).mean())


def find_fades(lumas: Sequence[Luma]) -> list[float]:
    """For each of a film's pictures, in order, 1, or less where it is a neighbour in a fade: the
    same to look at, but flatter."""
    flat = [luma.ravel() - luma.mean() for luma in lumas]
    contrasts = [float(np.linalg.norm(one)) for one in flat]
    weights = [1.0] * len(lumas)
    for number in range(len(lumas)):
        for other in (number - 1, number + 1):
            if 0 <= other < len(lumas) and contrasts[number] < _FADE_CONTRAST * contrasts[other]:
                product = contrasts[number] * contrasts[other]
                likeness = float(flat[number] @ flat[other]) / product if product else 1.0
                if likeness > _FADE_LIKENESS:
                    flatness = contrasts[number] / contrasts[other]
                    weights[number] = min(weights[number], flatness**2)
    return weights


def choose_candidates(shots: Sequence[Shot], duration_s: Fraction) -> list[int]:
    """The numbers of at most five of `shots`, in the order of time: the best first, then the best
    of those that are well apart; where there are too few, apart from each other by less."""
    order = sorted(range(len(shots)), key=lambda number: (-shots[number].score, number))
    wanted = min(MAX_CANDIDATES, len(shots))
    chosen: list[int] = []
    apart_s = duration_s * _APART
    while len(chosen) < wanted:
        for number in order:
            if len(chosen) < wanted and number not in chosen:
                distances = [abs(shots[number].start_s - shots[other].start_s) for other in chosen]
                if all(distance >= apart_s for distance in distances):
                    chosen.append(number)
        apart_s = apart_s / 2 if apart_s > duration_s / 1000 else Fraction(0)
    return sorted(chosen)


def draw_card(peaks: Sequence[float]) -> Picture:
    """The poster of a film without pictures: its sound, drawn as bars."""
    width, height = _CARD_SIZE
    card = np.full((height, width, 3), _CARD_GROUND, np.uint8)
    bar = width // _CARD_BARS
    for number, part in enumerate(np.array_split(np.array(peaks or [0.0]), _CARD_BARS)):
        loud = min(1.0, float(part.max(initial=0.0)))
        reach = max(2, int(loud * height * 0.4))
        left = number * bar
        card[height // 2 - reach : height // 2 + reach, left + 2 : left + bar - 2] = _CARD_BAR
    return card
