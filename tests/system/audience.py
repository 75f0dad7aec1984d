"""Normal viewers, who go on while something happens to the edge, and note what they notice."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import cycle
from statistics import quantiles
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

ADDRESS: Final = "127.0.0.2"
"""Not that of attackers, who come from the first one."""

UNHARMED: Final = frozenset({"200", "206"})

VIEWERS: Final = 3
_PAUSE_S: Final = 0.01
_PART: Final = 100


class Audience:
    """Viewers who fetch `files`, what each path should answer, over and over: whole, then a part.

    `outcomes` counts statuses, and apart from them bodies that are "wrong" and connections that
    were "broken", after which they try again, as players do. `taken_s` is how long answers took.
    """

    def __init__(self, origin: str, files: Mapping[str, bytes]) -> None:
        self.outcomes: Counter[str] = Counter()
        self.taken_s: list[float] = []
        self._origin = origin
        self._files = files
        self._leaving = False

    @property
    def p99_ms(self) -> float:
        return quantiles(self.taken_s, n=100)[-1] * 1000

    async def notice(self, count: int = 60) -> None:
        """Wait for so many more outcomes."""
        wanted = self.outcomes.total() + count
        async with asyncio.timeout(30):
            while self.outcomes.total() < wanted:  # noqa: ASYNC110  (viewers set no Event)
                await asyncio.sleep(_PAUSE_S)

    async def watch(self) -> None:
        connector = TCPConnector(local_addr=(ADDRESS, 0))
        async with ClientSession(
            connector=connector,
            timeout=ClientTimeout(total=20),
            headers={"Accept-Encoding": "identity"},  # of compressed twins there are no parts
        ) as client:
            for path, content in cycle(self._files.items()):
                if self._leaving:
                    return
                self.outcomes[await self._fetch(client, path, content)] += 1
                part = {"Range": f"bytes=1-{_PART}"}
                self.outcomes[await self._fetch(client, path, content[1 : _PART + 1], part)] += 1
                await asyncio.sleep(_PAUSE_S)

    def leave(self) -> None:
        self._leaving = True

    async def _fetch(
        self,
        client: ClientSession,
        path: str,
        content: bytes,
        fields: Mapping[str, str] | None = None,
    ) -> str:
        began_at = time.perf_counter()
        try:
            async with client.get(self._origin + path, headers=fields) as answer:
                body = await answer.read()
        except (ClientError, TimeoutError, OSError):
            return "broken"
        self.taken_s.append(time.perf_counter() - began_at)
        if answer.status not in (200, 206):
            return f"{answer.status}"
        return f"{answer.status}" if body == content else "wrong"


@asynccontextmanager
async def gather_audience(origin: str, files: Mapping[str, bytes]) -> AsyncIterator[Audience]:
    """An audience that has begun to watch, and watches until the block is left."""
    audience = Audience(origin, files)
    async with asyncio.TaskGroup() as group:
        for _ in range(VIEWERS):
            group.create_task(audience.watch())
        try:
            await audience.notice()
            yield audience
        finally:
            audience.leave()
