"""Whether another server answers, in words and numbers."""

import logging

import pytest

from edge.state.link import FIRST_PAUSE_S, LONGEST_PAUSE_S, Link


@pytest.fixture
def link() -> Link:
    return Link("the far end")


def test_a_link_is_down_until_somebody_answered(link: Link) -> None:
    states = [link.is_up]
    link.note_answer()
    states.append(link.is_up)
    link.note_failure(OSError("gone"))
    states.append(link.is_up)
    assert states == [False, True, False]


def test_a_change_is_logged_and_nothing_else(link: Link, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        link.note_failure(OSError("gone"))
    for _ in range(3):
        link.note_answer()
    link.note_failure(OSError("gone again"))
    first, second, third = (record.getMessage() for record in caplog.records)
    assert first == "the far end is away: OSError: gone"
    assert second.startswith("the far end answers, after")
    assert third == "the far end is away: OSError: gone again"


def test_pauses_grow_up_to_a_bound_and_are_never_the_same(link: Link) -> None:
    pauses = []
    for _ in range(50):
        link.note_failure(OSError("gone"))
        pauses.append(link.choose_pause())
    assert FIRST_PAUSE_S / 2 <= pauses[0] <= FIRST_PAUSE_S
    assert all(LONGEST_PAUSE_S / 2 <= pause <= LONGEST_PAUSE_S for pause in pauses[5:])
    assert len(set(pauses)) > 40


def test_an_answer_makes_pauses_short_again(link: Link) -> None:
    for _ in range(10):
        link.note_failure(OSError("gone"))
    link.note_answer()
    link.note_failure(OSError("gone"))
    assert link.choose_pause() <= FIRST_PAUSE_S
