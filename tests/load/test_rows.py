"""What rows reckon by themselves."""

from itertools import pairwise

import pytest

from tests.load.bench import Run
from tests.load.rows.cold import SIZE, find_warmth
from tests.load.rows.idle import find_fault
from tests.load.rows.tokens import EVERY, mix_tokens
from tests.load.wrk import Answers


def test_every_tenth_token_is_new_and_no_new_one_comes_twice() -> None:
    seen, new = [f"seen-{number}" for number in range(12)], [f"new-{number}" for number in range(5)]
    mixed = mix_tokens(seen, new)
    assert mixed[EVERY - 1 :: EVERY] == new
    others = [token for token in mixed if token not in new]
    assert len(others) == len(new) * (EVERY - 1)
    assert set(others) == set(seen)
    assert all(before != after for before, after in pairwise(others))


@pytest.mark.parametrize(
    ("fetched", "complaint"),
    [
        (100 * SIZE, ""),
        (130 * SIZE, ""),  # the kernel reads ahead
        (60 * SIZE, "only 60% was read from the disk"),
        (0, "only 0% was read from the disk"),
    ],
)
def test_what_came_out_of_ram_is_not_cold(fetched: int, complaint: str) -> None:
    answers = Answers(requests=100, bytes=100 * SIZE, p50_ms=1, p99_ms=1, bad=0)
    run = Run(answers, cpu_seconds=1, strangers=0, complaint="")
    assert find_warmth(run, fetched) == complaint


@pytest.mark.parametrize(
    ("closed", "are_gone", "complaint"),
    [
        (0, True, ""),
        (3, True, "3 of 1936 idle connections were closed"),
        (0, False, "idle connections were kept when their clients had left"),
    ],
)
def test_idle_connections_last_as_long_as_their_clients(
    closed: int, are_gone: bool, complaint: str
) -> None:
    assert find_fault(closed, are_gone=are_gone) == complaint
