"""Cuts connections that keep a place without using it: no timer for each, one look at all a second.

What a proxy before us would do, too, but nobody has to have one: a head that does not come to its
end (slowloris), a connection that idles, a reader that takes nothing of what waits for it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, NoReturn, Protocol

LOOK_S: Final = 1.0

_AT_ONCE: Final = 500
"""Connections looked at before requests get a turn again: about a fifth of a millisecond."""

_LAGS: Final = 60


class Cut(Enum):
    """Why a connection is cut."""

    HEAD = "head"
    IDLE = "idle"
    STALL = "stall"


class Watched(Protocol):
    """A connection, as far as it is watched. Times are the loop's.

    `active_at` is when a request was whole last, or an answer seen under way; `partial_since` when
    the bytes began of which no request has come yet, at first that of the connection itself.
    """

    active_at: float
    partial_since: float | None
    transport: asyncio.Transport | None

    @property
    def is_answering(self) -> bool: ...

    def force_close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each of them is borne, in seconds."""

    head_s: float
    idle_s: float
    stall_s: float


def judge(
    connection: Watched, now: float, *, stuck_since: float | None, deadlines: Deadlines
) -> Cut | None:
    """Whether a connection has to go. `stuck_since` is since when it was seen to take nothing of
    the bytes that wait for it, None where none wait."""
    if stuck_since is not None:
        return Cut.STALL if now - stuck_since >= deadlines.stall_s else None
    if connection.is_answering:
        return None
    if connection.partial_since is not None:
        return Cut.HEAD if now - connection.partial_since >= deadlines.head_s else None
    return Cut.IDLE if now - connection.active_at >= deadlines.idle_s else None


class Watchdog:
    """Looks at all `connections` once a second, and at how late it came to that."""

    def __init__(
        self,
        connections: Callable[[], Iterable[Watched]],
        deadlines: Deadlines,
        *,
        clock: Callable[[], float],
    ) -> None:
        self.cuts: Counter[str] = Counter({cut.value: 0 for cut in Cut})
        self._connections = connections
        self._deadlines = deadlines
        self._clock = clock
        self._stuck: dict[Watched, tuple[int, float]] = {}
        self._lags: deque[float] = deque([0.0], maxlen=_LAGS)

    @property
    def worst_lag_s(self) -> float:
        """How late the loop woke us at the worst, in the last minute."""
        return max(self._lags)

    async def keep_looking(self) -> NoReturn:
        while True:
            due_at = self._clock() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self._lags.append(max(0.0, self._clock() - due_at))
            await self.look()

    async def look(self) -> None:
        """Look at every connection once."""
        now = self._clock()
        stuck: dict[Watched, tuple[int, float]] = {}
        for number, connection in enumerate(list(self._connections()), start=1):
            self._look_at(connection, now, stuck)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self._stuck = stuck

    def _look_at(
        self, connection: Watched, now: float, stuck: dict[Watched, tuple[int, float]]
    ) -> None:
        transport = connection.transport
        if transport is None:
            return
        waiting = transport.get_write_buffer_size()
        stuck_since = None
        if waiting:
            before, since = self._stuck.get(connection, (0, now))
            # another size says that some was taken, or that more was written
            stuck_since = since if before == waiting else now
            stuck[connection] = (waiting, stuck_since)
        if waiting or connection.is_answering:
            connection.active_at = now
        cut = judge(connection, now, stuck_since=stuck_since, deadlines=self._deadlines)
        if cut is not None:
            self._cut(connection, transport, cut)

    def _cut(self, connection: Watched, transport: asyncio.Transport, cut: Cut) -> None:
        self.cuts[cut.value] += 1
        if cut is Cut.STALL:
            # a reader that takes nothing would not take the end either
            transport.abort()
        else:
            connection.force_close()
