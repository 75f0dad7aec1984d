"""Tests for control_plane/rates.py."""

import doctest

import pytest

from control_plane import rates
from control_plane.rates import parse_rate


def test_examples_hold() -> None:
    assert doctest.testmod(rates).failed == 0


@pytest.mark.parametrize("text", ["1/s", "30/min", "1000/h", "5/d"])
def test_a_rate_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_rate(text)) == text


@pytest.mark.parametrize("text", ["", "100", "0/h", "-1/h", "1/week", "1 /h", "1/2h", "1e3/h"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="100/h"):
        parse_rate(text)
