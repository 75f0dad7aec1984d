"""The RAM cache: bounded, and what is asked for again stays."""

import random
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.content.cache import RamCache

CAPACITY = 100_000


@dataclass(frozen=True)
class Body:
    size_bytes: int


SMALL = Body(3_000)


def make_cache() -> RamCache[str, Body]:
    return RamCache(CAPACITY)


def scan(cache: RamCache[str, Body], count: int, name: str = "scan") -> None:
    for number in range(count):
        cache.put(f"{name} {number}", SMALL)


def test_what_was_put_is_found() -> None:
    cache = make_cache()
    body = Body(10)
    cache.put("a", body)
    assert cache.get("a") is body
    assert cache.get("b") is None
    assert (cache.hits, cache.misses) == (1, 1)


@pytest.mark.parametrize(
    ("hits", "stays"), [(0, False), (1, False), (2, True)], ids=["never", "once", "twice"]
)
def test_only_what_is_hit_again_survives_a_scan(hits: int, stays: bool) -> None:
    cache = make_cache()
    cache.put("a", SMALL)
    for _ in range(hits):
        cache.get("a")
    scan(cache, 100)
    assert (cache.get("a") is not None) is stays


def test_what_comes_back_soon_after_it_left_survives_a_scan() -> None:
    cache = make_cache()
    scan(cache, 20, "before")
    cache.put("a", SMALL)
    scan(cache, 21)
    assert cache.get("a") is None
    cache.put("a", SMALL)
    scan(cache, 200, "other")
    assert cache.get("a") is SMALL


def test_what_is_not_asked_for_any_more_leaves_in_the_end() -> None:
    cache = make_cache()
    for key in ("old 1", "old 2"):
        cache.put(key, SMALL)
        cache.get(key)
        cache.get(key)
    for number in range(100):
        key = f"young {number}"
        cache.put(key, SMALL)
        cache.get(key)
        cache.get(key)
    assert cache.get("old 1") is None
    assert cache.get("young 99") is SMALL


def test_what_is_larger_than_an_eighth_is_not_kept() -> None:
    cache = make_cache()
    cache.put("a", Body(CAPACITY // 8))
    assert not cache.admits(CAPACITY // 8)
    assert cache.get("a") is None
    assert cache.held_bytes == 0


def test_a_second_put_replaces_the_first() -> None:
    cache = make_cache()
    cache.put("a", Body(5_000))
    held = cache.held_bytes
    larger = Body(5_001)
    cache.put("a", larger)
    assert (cache.held_bytes, len(cache)) == (held + 1, 1)
    assert cache.get("a") is larger


def test_a_second_put_that_is_too_large_leaves_nothing_of_the_first() -> None:
    cache = make_cache()
    cache.put("a", SMALL)
    cache.put("a", Body(CAPACITY))
    assert cache.get("a") is None
    assert (cache.held_bytes, len(cache)) == (0, 0)


def test_what_matches_is_discarded_and_its_room_is_free() -> None:
    cache = make_cache()
    scan(cache, 5, "going")
    scan(cache, 5, "staying")
    held = cache.held_bytes
    cache.discard(lambda key: key.startswith("going"))
    assert (cache.held_bytes, len(cache)) == (held // 2, 5)
    assert cache.get("going 0") is None
    assert cache.get("staying 0") is SMALL


Puts = st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 20_000), st.booleans()))


@given(Puts, st.sets(st.sampled_from("abcdefghij")))
def test_the_cache_never_holds_more_than_it_may_and_counts_right(
    puts: list[tuple[str, int, bool]], going: set[str]
) -> None:
    cache = make_cache()
    for key, size, is_hit in puts:
        cache.put(key, Body(size))
        if is_hit:
            cache.get(key)
        assert 0 <= cache.held_bytes <= CAPACITY
    cache.discard(going.__contains__)
    kept = [body for key in "abcdefghij" if (body := cache.get(key)) is not None]
    overhead = cache.held_bytes - sum(body.size_bytes for body in kept)
    assert len(cache) == len(kept)
    assert overhead == 2048 * len(kept)


@dataclass
class LeastRecentlyUsed:
    """What the cache is held against."""

    capacity: int
    hits: int = 0

    def __post_init__(self) -> None:
        self.kept: OrderedDict[int, None] = OrderedDict()

    def ask(self, key: int) -> None:
        self.hits += key in self.kept
        self.kept[key] = None
        self.kept.move_to_end(key)
        if len(self.kept) > self.capacity:
            self.kept.popitem(last=False)


def count_hits(trace: Iterable[int], *, entries: int, size_bytes: int) -> int:
    cache: RamCache[int, Body] = RamCache(entries * (size_bytes + 2048))
    for key in trace:
        if cache.get(key) is None:
            cache.put(key, Body(size_bytes))
    return cache.hits


@given(
    st.integers(0, 2**32),
    st.integers(60, 200),
    st.floats(0.3, 0.7),
    st.sampled_from([100, 3_000, 300_000]),
)
def test_a_hot_set_beside_a_scan_is_hit_more_often_than_by_least_recently_used(
    seed: int, entries: int, scanned: float, size_bytes: int
) -> None:
    source = random.Random(seed)  # noqa: S311  (a workload)
    hot = int(entries * 0.85)
    trace = [
        100_000 + number if source.random() < scanned else source.randrange(hot)
        for number in range(3_000)
    ]
    simple = LeastRecentlyUsed(entries)
    for key in trace:
        simple.ask(key)
    assert count_hits(trace, entries=entries, size_bytes=size_bytes) > simple.hits
