"""The benchmark says under which conditions it was taken."""

from tests.load.conditions import find_conditions, judge_conditions


def test_a_distributions_python_and_cubic_are_nothing_to_tell_of() -> None:
    assert not list(judge_conditions("'--enable-shared' '--enable-optimizations'", "cubic"))


def test_a_python_without_optimizations_is_told_of() -> None:
    (told,) = judge_conditions("'--enable-shared'", "cubic")
    assert "without optimizations" in told


def test_bbr_is_told_of() -> None:
    (told,) = judge_conditions("--enable-optimizations", "bbr")
    assert "BBR" in told


def test_this_machine_is_judged() -> None:
    assert all(told.endswith(".") for told in find_conditions())


def test_debians_python_is_optimized_without_saying_so() -> None:
    assert not list(judge_conditions("'--enable-shared'", "cubic", is_debian=True))
