"""The table of goals fits the rows that are measured."""

import pytest

from tests.load.goals import GOALS, Goal, goals_of
from tests.load.plan import PLAN
from tests.load.results import share_of


def test_every_goal_belongs_to_a_row_and_every_row_has_one() -> None:
    assert tuple(dict.fromkeys(goal.row for goal in GOALS)) == tuple(row.name for row in PLAN)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.row}: {goal.what}")
def test_an_aim_is_better_than_the_least(goal: Goal) -> None:
    assert goal.aim is not None
    assert share_of(goal.aim, goal.least, goal) > 1


def test_goals_of_a_row_keep_their_order() -> None:
    assert [goal.what for goal in goals_of("ram")] == ["2 KB", "300 KB", "2 MB"]


def test_the_default_takes_eight_minutes_at_most() -> None:
    assert sum(row.plan_s(rounds=5, seconds=2) for row in PLAN) <= 8 * 60
