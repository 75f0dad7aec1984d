"""Waiting for a fact by asking for it, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

PAUSE_S: Final = 0.02


class OutOfTime(Exception):
    """What was waited for did not happen in time."""


async def wait_until(check: Callable[[], Awaitable[bool]], *, what: str, within_s: float) -> None:
    """Ask again and again until `check` says yes; raise `OutOfTime` after `within_s`."""
    try:
        async with asyncio.timeout(within_s):
            while not await check():  # noqa: ASYNC110  (the fact lies in another process)
                await asyncio.sleep(PAUSE_S)
    except TimeoutError as error:
        raise OutOfTime(f"waited {within_s:g} s for {what}") from error
