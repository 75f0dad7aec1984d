"""Threads that wait in the loop's place: results, errors, and who does not wait any more."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from edge.content.threads import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(1, name="test")
    yield threads
    threads.close()


class Held:
    """Something that a call is given."""


async def test_what_a_call_returns_or_raises_comes_back(threads: Threads) -> None:
    assert await threads.run(int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await threads.run(int, "seven")
    assert await threads.run(lambda: threading.current_thread().name) == "test-0"


async def test_calls_beyond_the_threads_wait_their_turn(threads: Threads) -> None:
    order: list[int] = []
    await asyncio.gather(*(threads.run(order.append, number) for number in range(20)))
    assert order == list(range(20))


async def test_who_gives_up_is_not_missed(threads: Threads) -> None:
    release, begun = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        release.wait()

    waiting = asyncio.create_task(threads.run(hold))
    await asyncio.to_thread(begun.wait)
    waiting.cancel()
    await asyncio.wait([waiting])
    release.set()
    assert await threads.run(int, "7") == 7


@pytest.mark.parametrize("fails", [False, True])
async def test_nothing_of_a_call_is_held_when_it_is_over(threads: Threads, fails: bool) -> None:
    """What is given may be an open file, and what comes back a body."""

    def use(_held: Held) -> None:
        if fails:
            raise ValueError

    held = Held()
    gone = weakref.ref(held)
    gc.disable()
    try:
        with_error = await asyncio.gather(threads.run(use, held), return_exceptions=True)
        del held, with_error
        await threads.run(int)  # until then the thread may be on its way back from the call
        await threads.run(int)
        assert gone() is None
    finally:
        gc.enable()


async def test_what_waits_when_they_close_is_given_up(threads: Threads) -> None:
    release = threading.Event()
    begun = asyncio.create_task(threads.run(release.wait))
    waiting = asyncio.create_task(threads.run(int))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    threads.close()
    release.set()
    assert await asyncio.wait_for(asyncio.gather(begun, waiting, return_exceptions=True), 5)
    assert waiting.cancelled()


async def test_closed_threads_take_nothing_more(threads: Threads) -> None:
    threads.close()
    with pytest.raises(RuntimeError, match="closed"):
        await threads.run(int)


def test_an_answer_after_the_loop_s_end_is_dropped() -> None:
    threads = Threads(1, name="test")
    release = threading.Event()

    async def leave() -> None:
        waiting = asyncio.create_task(threads.run(release.wait))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(leave())
    release.set()

    async def go_on() -> int:
        return await threads.run(int, "7")

    assert asyncio.run(go_on()) == 7
    threads.close()


def test_a_call_that_hangs_does_not_hold_up_the_end() -> None:
    threads = Threads(3, name="hanging")
    assert all(thread.daemon for thread in threads._threads)
