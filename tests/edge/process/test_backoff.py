"""Pauses before a restart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.process.backoff import FIRST_PAUSE_S, FORGIVEN_AFTER_S, LONGEST_PAUSE_S, Backoff


def test_pauses_double_to_an_end() -> None:
    backoff = Backoff()
    pauses = [backoff.choose_pause(lived_s=0, chance=0) for _ in range(12)]
    assert pauses[:4] == [FIRST_PAUSE_S * factor for factor in (1, 2, 4, 8)]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_early_deaths_are_forgiven_after_a_longer_life() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.choose_pause(lived_s=1, chance=0)
    assert backoff.choose_pause(lived_s=FORGIVEN_AFTER_S, chance=0) == FIRST_PAUSE_S
    assert backoff.choose_pause(lived_s=1, chance=0) == 2 * FIRST_PAUSE_S


@pytest.mark.parametrize(("chance", "share"), [(0.0, 1.0), (0.5, 0.75), (1.0, 0.5)])
def test_chance_takes_up_to_half_away(chance: float, share: float) -> None:
    assert Backoff().choose_pause(lived_s=0, chance=chance) == share * FIRST_PAUSE_S


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), max_size=50))
def test_a_pause_is_never_none_and_never_for_ever(
    deaths: list[tuple[float, float]],
) -> None:
    backoff = Backoff()
    for lived_s, chance in deaths:
        pause = backoff.choose_pause(lived_s=lived_s, chance=chance)
        assert FIRST_PAUSE_S / 2 <= pause <= LONGEST_PAUSE_S
