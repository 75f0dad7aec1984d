"""Posters: what makes a picture a good one, and which five are offered."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from transcoder.stills.poster import (
    Luma,
    Shot,
    choose_candidates,
    draw_card,
    find_fades,
    score_picture,
)


def make_luma(low: float, high: float, *, seed: int = 3) -> Luma:
    """Blocks of four by four, as brightness has in a film, with some grain."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(rng.uniform(low, high, (45, 80)), np.ones((4, 4)))
    return np.asarray(blocks + rng.normal(0, 0.01, blocks.shape), np.float32)


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(np.zeros((180, 320), np.float32), id="black"),
        pytest.param(np.ones((180, 320), np.float32), id="white"),
        pytest.param(np.full((180, 320), 0.45, np.float32), id="a flat grey"),
        pytest.param(make_luma(0, 0.1), id="dark"),
        pytest.param(make_luma(0.42, 0.5), id="pale"),
        pytest.param(make_luma(0.85, 1), id="overexposed"),
    ],
)
def test_a_picture_with_light_and_detail_scores_best(worse: Luma) -> None:
    assert score_picture(make_luma(0, 1)) > 4 * score_picture(worse)


def test_a_sharp_picture_scores_above_a_soft_one() -> None:
    sharp = make_luma(0, 1)
    soft: Luma = sharp.copy()
    for _ in range(4):
        around = np.roll(soft, 1, 0) + np.roll(soft, 1, 1) + np.roll(soft, -1, 1)
        soft = np.asarray((soft + around) / 4, np.float32)
    assert score_picture(sharp) > 1.5 * score_picture(soft)


def test_the_smallest_pictures_have_a_score() -> None:
    assert score_picture(np.zeros((2, 2), np.float32)) == 0


def test_a_fade_is_known_by_its_neighbour() -> None:
    first, second = make_luma(0, 1, seed=1), make_luma(0, 1, seed=2)
    weights = find_fades([first * 0.3, first, second, second * 0.5 + 0.5, first])
    assert weights[0] < 0.2
    assert weights[3] < 0.4
    assert [weights[1], weights[2], weights[4]] == [1, 1, 1]


def test_a_darker_picture_of_something_else_is_no_fade() -> None:
    assert find_fades([make_luma(0, 1, seed=1), make_luma(0, 0.5, seed=2)]) == [1, 1]


def test_black_beside_a_picture_weighs_nothing() -> None:
    black = np.zeros((180, 320), np.float32)
    assert find_fades([black, make_luma(0, 1), black])[1] == 1
    assert find_fades([black, make_luma(0, 1)])[0] < 0.1
    assert find_fades([black, black]) == [1, 1]


def make_shots(*scores: float, step_s: int = 2) -> list[Shot]:
    return [Shot(Fraction(step_s * number), score) for number, score in enumerate(scores)]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_of_few_pictures_all_are_offered(count: int) -> None:
    shots = make_shots(*range(count))
    assert choose_candidates(shots, Fraction(2 * count)) == list(range(count))


def test_five_are_offered_in_the_order_of_time() -> None:
    scores = [0.1] * 100
    for number, score in ((80, 0.9), (10, 0.8), (30, 0.7), (95, 0.6), (55, 0.5)):
        scores[number] = score
    chosen = choose_candidates(make_shots(*scores), Fraction(200))
    assert chosen == [10, 30, 55, 80, 95]


def test_candidates_are_well_apart() -> None:
    scores = [0.9] * 10 + [0.5] * 90
    shots = make_shots(*scores)
    chosen = choose_candidates(shots, Fraction(200))
    assert chosen[0] < 10
    times = [shots[number].start_s for number in chosen]
    assert min(after - before for before, after in pairwise(times)) >= 20


def test_a_film_of_equals_has_five_candidates() -> None:
    assert len(set(choose_candidates(make_shots(*[0.0] * 50), Fraction(100)))) == 5


def test_pictures_of_one_moment_can_all_be_candidates() -> None:
    shots = [Shot(Fraction(0), float(score)) for score in range(7)]
    assert choose_candidates(shots, Fraction(1)) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("peaks", [(), (0.0,), (0.5,) * 1000, (2.0,) * 50], ids=len)
def test_a_card_is_drawn_for_any_sound(peaks: tuple[float, ...]) -> None:
    card = draw_card(peaks)
    assert card.shape == (720, 1280, 3)
    assert card.dtype == np.uint8


def test_loud_sound_has_longer_bars() -> None:
    card = draw_card([0.1] * 500 + [0.9] * 500)
    lit = (card[..., 2] > 200).sum(axis=0)
    assert lit[:600].max() < lit[660:].max() / 4
