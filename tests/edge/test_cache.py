"""The RAM cache: bounded, and what was used last stays."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from edge.cache import RamCache


@dataclass(frozen=True)
class Body:
    size_bytes: int


CAPACITY = 100_000


def make_cache() -> RamCache[str, Body]:
    return RamCache(CAPACITY)


def test_what_was_put_is_found() -> None:
    cache = make_cache()
    body = Body(10)
    cache.put("a", body)
    assert cache.get("a") is body
    assert cache.get("b") is None
    assert (cache.hits, cache.misses) == (1, 1)


def test_the_least_recently_used_leaves_first() -> None:
    cache = make_cache()
    for key in "abcdefgh":
        cache.put(key, Body(10_000))
    cache.get("a")
    cache.put("new", Body(10_000))
    assert cache.get("a") is not None
    assert cache.get("b") is None


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
    cache.put("a", Body(5_000))
    assert (cache.held_bytes, len(cache)) == (held, 1)


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 20_000))))
def test_the_cache_never_holds_more_than_it_may(puts: list[tuple[str, int]]) -> None:
    cache = make_cache()
    for key, size in puts:
        cache.put(key, Body(size))
        assert 0 <= cache.held_bytes <= CAPACITY
    kept = [cache.get(key) for key in "abcdefghij"]
    assert cache.held_bytes >= sum(body.size_bytes for body in kept if body is not None)
