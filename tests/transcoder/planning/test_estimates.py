"""Estimates grow with what there is to do."""

import pytest

from tests.transcoder.plans import make_plan
from transcoder.planning.chunks import Chunk, cut_chunks
from transcoder.planning.estimates import (
    count_bytes_needed,
    estimate_bytes,
    estimate_cpu_s,
    estimate_memory,
)
from transcoder.planning.plan import Plan

GIGABYTE = 10**9


def cpu_s(plan: Plan, chunk: Chunk, preset: str = "veryfast") -> float:
    return estimate_cpu_s(plan, chunk, preset=preset)


def test_a_minute_costs_what_a_minute_costs() -> None:
    plan = make_plan(180, size=(1920, 1080))
    costs = [cpu_s(plan, chunk) for chunk in cut_chunks(plan)]
    assert costs[1] == costs[2] == costs[3]
    assert costs[4] == costs[5] > 2 * costs[1]
    assert costs[0] > 0


def test_the_shortest_film_costs_something() -> None:
    plan = make_plan(0.03, size=(16, 16), has_sound=False)
    (chunk,) = cut_chunks(plan)
    assert cpu_s(plan, chunk) > 0.1


def test_slower_presets_cost_more() -> None:
    plan = make_plan(20)
    (chunk,) = cut_chunks(plan)
    presets = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow")
    costs = [cpu_s(plan, chunk, preset) for preset in presets]
    assert costs == sorted(costs)
    assert cpu_s(plan, chunk, "placebo") >= costs[-1]


def test_what_cannot_be_sought_costs_the_way_there() -> None:
    plan = make_plan(1800, is_seekable=False)
    _, first, second, third = (cpu_s(plan, chunk) for chunk in cut_chunks(plan))
    assert first < second < third
    wasted = first + second + third - 3 * first
    assert wasted < (first + second + third) / 4


@pytest.mark.parametrize(
    ("size", "least", "most"),
    [((640, 360), 0.15, 0.25), ((1280, 720), 0.2, 0.35), ((1920, 1080), 0.3, 0.6)],
    ids=str,
)
def test_memory_grows_with_the_picture(size: tuple[int, int], least: float, most: float) -> None:
    plan = make_plan(20, size=size)
    (chunk,) = cut_chunks(plan)
    memory = estimate_memory(plan, chunk, preset="veryfast")
    assert least * GIGABYTE < memory < most * GIGABYTE
    assert memory < estimate_memory(plan, chunk, preset="slow")


def test_a_chunk_of_sound_needs_little_memory() -> None:
    plan = make_plan(36_000, size=None)
    (chunk,) = cut_chunks(plan)
    assert estimate_memory(plan, chunk, preset="veryfast") < 0.2 * GIGABYTE


def test_room_for_all_rungs_at_their_caps_is_needed() -> None:
    plan = make_plan(3600, size=(1920, 1080))
    most = (0.9 + 1.6 + 3.5 + 6.5 + 0.128) * 1e6 * 3600 / 8
    assert most < count_bytes_needed(plan) < 1.1 * most
    assert estimate_bytes(plan) < most
