"""Tests for control_plane/ids.py."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from control_plane.ids import make_uuid7


def test_it_is_a_uuid_of_version_7_that_tells_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = make_uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_those_of_one_millisecond_sort_as_they_were_made() -> None:
    made = [make_uuid7() for _ in range(5_000)]
    assert all(one < after for one, after in pairwise(made))


def test_threads_never_draw_the_same() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: make_uuid7(), range(5_000)))
    assert len(set(made)) == 5_000
