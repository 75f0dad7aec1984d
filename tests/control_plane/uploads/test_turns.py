"""Tests for control_plane/uploads/turns.py: the newest request has its turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn
from uuid import UUID, uuid4

import pytest

from control_plane.uploads.asgi_types import Message
from control_plane.uploads.turns import Turn, TurnOver, Turns

UPLOAD = uuid4()


async def hear_nothing() -> NoReturn:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


async def hear_something() -> Message:
    return {"type": "http.request"}


@asynccontextmanager
async def waiting(turns: Turns, upload_id: UUID) -> AsyncIterator[asyncio.Task[Message]]:
    """A request that has its turn and waits for a byte."""
    has_turn = asyncio.Event()

    async def take_turn() -> Message:
        async with turns.take(upload_id) as turn:
            has_turn.set()
            return await turn.wait_for(hear_nothing)

    request = asyncio.create_task(take_turn())
    await has_turn.wait()
    yield request
    request.cancel()


async def test_silent_request_loses_its_turn() -> None:
    with pytest.raises(TurnOver):
        await Turn().wait_for(hear_nothing, idle_s=0)


async def test_newer_request_ends_the_one_that_waits() -> None:
    turns = Turns()
    async with waiting(turns, UPLOAD) as older, turns.take(UPLOAD) as newer:
        with pytest.raises(TurnOver):
            await older
        assert await newer.wait_for(hear_something) == {"type": "http.request"}


async def test_of_three_the_newest_has_its_turn() -> None:
    turns = Turns()
    async with (
        waiting(turns, UPLOAD) as first,
        waiting(turns, UPLOAD) as second,
        turns.take(UPLOAD) as newest,
    ):
        assert await newest.wait_for(hear_something)
        assert isinstance(first.exception(), TurnOver)
        assert isinstance(second.exception(), TurnOver)


async def test_request_that_is_wanted_takes_nothing_more() -> None:
    turn = Turn()
    turn.give_way()
    with pytest.raises(TurnOver):
        await turn.wait_for(hear_something)


async def test_requests_for_other_uploads_go_on() -> None:
    turns = Turns()
    async with waiting(turns, UPLOAD) as other, turns.take(uuid4()) as turn:
        assert await turn.wait_for(hear_something)
        assert not other.done()


async def test_request_that_was_cancelled_leaves_its_turn() -> None:
    turns = Turns()
    async with waiting(turns, UPLOAD) as cancelled:
        cancelled.cancel()
        async with turns.take(UPLOAD) as turn:
            assert await turn.wait_for(hear_something)
