"""Cycles are found, however calm the collector is."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from edge.process.collector import calm_collector, keep_collecting
from standalone.waiting import wait_until


class Cycle:
    """What only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def calm() -> Iterator[None]:
    thresholds = gc.get_threshold()
    calm_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("calm")
async def test_a_cycle_is_found_while_an_edge_runs() -> None:
    cycle = weakref.ref(Cycle())
    collecting = asyncio.create_task(keep_collecting(every_s=0.01))

    async def is_gone() -> bool:
        return cycle() is None

    assert not await is_gone()
    await wait_until(is_gone, what="the cycle to be found", within_s=10)
    collecting.cancel()
