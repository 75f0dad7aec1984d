"""How long it will still take."""

import io

from tests.load.progress import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_at_first_the_plan_is_told() -> None:
    output = io.StringIO()
    Progress(output, 475, clock=Clock()).tell("ram: 2 KB, round 1 of 5")
    assert output.getvalue() == "[   7:55] ram: 2 KB, round 1 of 5\n"


def test_then_the_plan_is_corrected_by_the_time_that_was_taken() -> None:
    output, clock = io.StringIO(), Clock()
    progress = Progress(output, 100, clock=clock)
    progress.advance(25)
    clock.now = 50
    progress.tell("slow")
    assert output.getvalue().startswith("[   2:30] ")


def test_more_than_was_planned_leaves_nothing_to_wait_for() -> None:
    output, clock = io.StringIO(), Clock()
    progress = Progress(output, 10, clock=clock)
    progress.advance(11)
    clock.now = 60
    progress.tell("last")
    assert output.getvalue().startswith("[   0:00] ")
