"""Calls that are shared by all who want their result."""

import asyncio
import gc
from functools import partial

import pytest

from edge.content.flights import Flights


async def test_those_who_want_the_same_share_one_call() -> None:
    flights: Flights[str, int] = Flights()
    gate, calls = asyncio.Event(), []

    async def make() -> int:
        calls.append(1)
        await gate.wait()
        return 7

    waiting = [asyncio.create_task(flights.join("key", make)) for _ in range(5)]
    await asyncio.sleep(0)
    assert "key" in flights
    gate.set()
    assert await asyncio.gather(*waiting) == [7] * 5
    assert len(calls) == 1


async def test_other_keys_have_calls_of_their_own() -> None:
    flights: Flights[str, str] = Flights()

    async def make(value: str) -> str:
        return value

    results = await asyncio.gather(*(flights.join(key, partial(make, key)) for key in "ab"))
    assert results == ["a", "b"]


async def test_an_error_is_everybody_s_and_is_forgotten() -> None:
    flights: Flights[str, int] = Flights()
    calls: list[int] = []

    async def make() -> int:
        calls.append(3)
        if len(calls) == 1:
            raise ValueError("once")
        return calls[-1]

    both = await asyncio.gather(
        flights.join("key", make), flights.join("key", make), return_exceptions=True
    )
    assert [str(error) for error in both] == ["once", "once"]
    assert await flights.join("key", make) == 3


async def test_one_that_leaves_does_not_take_the_call_along() -> None:
    flights: Flights[str, int] = Flights()
    gate = asyncio.Event()

    async def make() -> int:
        await gate.wait()
        return 1

    leaving = asyncio.create_task(flights.join("key", make))
    staying = asyncio.create_task(flights.join("key", make))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    gate.set()
    assert await staying == 1


async def test_settling_waits_for_all_that_is_under_way() -> None:
    flights: Flights[str, int] = Flights()
    gate = asyncio.Event()

    async def make() -> int:
        await gate.wait()
        return 1

    await flights.settle()
    joined = asyncio.create_task(flights.join("key", make))
    await asyncio.sleep(0)
    settling = asyncio.create_task(flights.settle())
    await asyncio.sleep(0)
    assert not settling.done()
    gate.set()
    await settling
    assert "key" not in flights
    assert await joined == 1


async def test_an_error_that_nobody_waits_for_any_more_is_no_noise() -> None:
    flights: Flights[str, int] = Flights()
    gate, noise = asyncio.Event(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))
    under_way: list[asyncio.Task[None] | None] = []

    async def make() -> int:
        under_way.append(asyncio.current_task())
        await gate.wait()
        raise ValueError

    alone = asyncio.create_task(flights.join("key", make))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    alone.cancel()
    await asyncio.wait([alone])
    gate.set()
    await asyncio.wait([task for task in under_way if task])
    under_way.clear()
    gc.collect()
    assert noise == []
