"""Tests for control_plane/limits/counting.py and its script, in a real Redis."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from control_plane.limits.counting import Count, Counter, CounterAway
from control_plane.rates import Rate

MINUTE = 60
BEGIN = 1_000_020.0  # a border of slots of a minute


@pytest.fixture
def counter(redis_url: str) -> Counter:
    return Counter(redis_url)


@pytest.fixture
def caller() -> str:
    return secrets.token_hex(8)


def test_a_quota_is_used_up_and_told(counter: Counter, caller: str) -> None:
    counts = [counter.count(caller, Rate(3, MINUTE), now=BEGIN) for _ in range(4)]
    assert counts[:3] == [Count(True, left, MINUTE) for left in (2, 1, 0)]
    assert not counts[3].taken


def test_callers_do_not_share_one(counter: Counter, caller: str) -> None:
    for name in (caller, f"{caller}-other"):
        assert counter.count(name, Rate(1, MINUTE), now=BEGIN).taken


def test_a_call_is_taken_as_soon_as_was_told_and_not_before(counter: Counter, caller: str) -> None:
    rate = Rate(10, MINUTE)
    for _ in range(10):
        counter.count(caller, rate, now=BEGIN + 30)
    refused = counter.count(caller, rate, now=BEGIN + 30)
    assert not counter.count(caller, rate, now=BEGIN + 30 + refused.seconds - 2).taken
    assert counter.count(caller, rate, now=BEGIN + 30 + refused.seconds).taken


def test_the_slot_before_counts_as_far_as_the_window_reaches_back(
    counter: Counter, caller: str
) -> None:
    rate = Rate(10, MINUTE)
    for _ in range(10):
        assert counter.count(caller, rate, now=BEGIN + 59).taken
    taken = [counter.count(caller, rate, now=BEGIN + MINUTE + 30).taken for _ in range(7)]
    assert taken == [True] * 5 + [False] * 2


def test_what_was_refused_does_not_count(counter: Counter, caller: str) -> None:
    rate = Rate(2, MINUTE)
    for _ in range(50):
        counter.count(caller, rate, now=BEGIN)
    assert counter.count(caller, rate, now=BEGIN + 2 * MINUTE) == Count(True, 1, MINUTE)


def test_a_clock_that_is_behind_opens_no_new_quota(counter: Counter, caller: str) -> None:
    rate = Rate(1, MINUTE)
    assert counter.count(caller, rate, now=BEGIN + MINUTE).taken
    assert not counter.count(caller, rate, now=BEGIN + MINUTE - 1).taken


def test_calls_at_the_same_time_do_not_take_the_same_place(counter: Counter, caller: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        counts = threads.map(
            lambda _: counter.count(caller, Rate(20, MINUTE), now=BEGIN), range(60)
        )
    assert sum(count.taken for count in counts) == 20


def test_redis_that_is_away_is_said_and_not_asked_again_at_once(caller: str) -> None:
    counter = Counter("unix:///nowhere.sock")
    for _ in range(2):
        with pytest.raises(CounterAway):
            counter.count(caller, Rate(1, MINUTE), now=BEGIN)
