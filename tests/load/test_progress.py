"""How long it will still take."""

import io

from tests.load.progress import Progress


def test_what_is_left_of_the_plan_stands_before_what_is_done() -> None:
    output = io.StringIO()
    progress = Progress(output, 475)
    progress.tell("ram: 2 KB, round 1 of 5")
    progress.advance(420)
    progress.tell("tokens")
    assert output.getvalue() == "[  7:55 left] ram: 2 KB, round 1 of 5\n[  0:55 left] tokens\n"


def test_more_than_was_planned_leaves_nothing_to_wait_for() -> None:
    output = io.StringIO()
    progress = Progress(output, 10)
    progress.advance(11)
    progress.tell("last")
    assert output.getvalue() == "[  0:00 left] last\n"
