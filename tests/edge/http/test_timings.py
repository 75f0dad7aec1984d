"""What time was spent on."""

import re

import pytest

from edge.http.timings import Timings


def test_no_time_spent_is_no_field() -> None:
    assert Timings().render() == b""


def test_durations_are_told_in_the_order_they_began() -> None:
    timings = Timings()
    for name in ("verify", "read", "verify"):
        with timings.measure(name):
            pass
    pattern = rb"Server-Timing: verify;dur=\d+\.\d, read;dur=\d+\.\d\r\n"
    assert re.fullmatch(pattern, timings.render())


def test_time_counts_that_ended_in_an_error() -> None:
    timings = Timings()
    with pytest.raises(ZeroDivisionError), timings.measure("read"):
        raise ZeroDivisionError
    assert b"read;dur=" in timings.render()
