"""The result as text."""

import pytest

from tests.load.goals import Goal, Unit
from tests.load.results import Line, Round, Sample
from tests.load.table import EDGE_NOTE, format_figure, render_table

RATIO = Goal("ram", "2 KB", "nginx", least=0.8, aim=1.0)
OTHER_RATIO = Goal("ram", "2 MB", "nginx", least=2, aim=2.5)
MEMORY = Goal("memory", "a client", "", least=20, aim=12, unit=Unit.MEMORY, at_most=True)


def squeeze(row: str) -> str:
    return " ".join(row.split())


@pytest.mark.parametrize(
    ("figure", "text"),
    [(0.854, "0.85"), (9.994, "9.99"), (13.04, "13.0"), (99.94, "99.9"), (123_456.7, "123,457")],
)
def test_figures_have_three_digits_or_more(figure: float, text: str) -> None:
    assert format_figure(figure) == text


def test_a_line_has_both_figures_the_ratio_and_the_goal() -> None:
    rounds = (Round(Sample(88_000, strangers=0.04), Sample(110_000)),)
    row = render_table([Line(RATIO, rounds)], EDGE_NOTE).splitlines()[2]
    expected = "2 KB 88,000 110,000 req/CPU-s 0.80 0.80-0.80 >= 0.80 1.00 0.0 reached"
    assert squeeze(row) == expected


def test_what_stands_alone_has_no_other_figure() -> None:
    row = render_table([Line(MEMORY, (Round(Sample(11.46)),))], EDGE_NOTE).splitlines()[2]
    assert squeeze(row) == "a client 11.5 - KB 11.5 11.5-11.5 <= 20.0 12.0 0.0 aim reached"


def test_lines_of_a_row_share_a_heading() -> None:
    text = render_table([Line(goal, ()) for goal in (RATIO, OTHER_RATIO, MEMORY)], EDGE_NOTE)
    assert text.count("ram: against nginx\n") == 1
    assert "memory: for each\n" in text


def test_a_spoilt_line_has_no_figure_and_its_reason_stands_below_once() -> None:
    text = render_table(
        [Line(RATIO, (), "no answer"), Line(OTHER_RATIO, (), "no answer")], EDGE_NOTE
    )
    assert squeeze(text.splitlines()[2]) == "2 KB - - - - - >= 0.80 1.00 - spoilt"
    assert text.endswith("Spoilt: ram (2 KB), ram (2 MB): no answer\n")
