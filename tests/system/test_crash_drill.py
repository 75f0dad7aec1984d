"""Films are made once and right, whatever is killed meanwhile: a short crash drill."""

import pytest

from tests.stack import make_state_folder, run_stack
from tests.system.crash_drill import SETTINGS, run_drill

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_each_film_is_made_once_and_right_whatever_is_killed_meanwhile() -> None:
    with make_state_folder() as state, run_stack(state, **SETTINGS) as stack:
        outcome = run_drill(stack, jobs=5, seed=1)
    assert outcome.is_good, outcome.render()
    assert outcome.ready == 5
    assert len(outcome.strikes) >= 4
    assert outcome.swept > 0
