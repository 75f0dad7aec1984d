"""What is revoked, kept up to date: news from a stream in Redis, the whole from PostgreSQL.

The stream's end is noted, then the whole is read, then what the stream says from there on; so
nothing falls between them. The whole is read again from time to time, and whenever the stream may
have lost something. While Redis is away, PostgreSQL is asked every second for what is new.

With both away, what is known stays in force and playback goes on: tokens expire by themselves.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, NoReturn

from edge.gate.denials import Denials
from edge.metrics import Histogram
from edge.state import redis_client, revocation_view
from edge.state.link import Link
from edge.state.revocation_stream import RevocationStream
from edge.state.revocation_view import RevocationView
from shared.events.record import RecordInvalid
from shared.events.revocations import Revocation

RECONCILE_S: Final = 30.0
POLL_S: Final = 1.0
PURGE_S: Final = 600.0
RECENT_S: Final = 90.0
"""How far a poll looks back: longer than `RECONCILE_S`, and than a transaction may take."""

DELAY_BOUNDS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)

_log = logging.getLogger(__name__)


class SnapshotUnusable(Exception):
    """Not one row of many could be read: whatever that is, it is not what is revoked."""


class Revocations:
    """Keeps `denials` up to date while `keep_listening` and `keep_in_step` run beside each other.

    `delay` is how long revocations took to get here, of those that came while they ran; `invalid`
    counts records and rows that could not be read; `complete_at` is when the whole was had last,
    in unix seconds.
    """

    def __init__(
        self,
        denials: Denials,
        *,
        stream: RevocationStream,
        view: RevocationView,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.denials = denials
        self.redis = Link("the stream of revocations")
        self.postgres = Link("the view of revocations")
        self.delay = Histogram(DELAY_BOUNDS_S)
        self.invalid = 0
        self.complete_at: float | None = None
        self._stream = stream
        self._view = view
        self._clock = clock
        self._began_at = self._purged_at = clock()
        self._position: str | None = None
        self._doubtful = asyncio.Event()

    async def keep_listening(self) -> NoReturn:
        """Hear the stream for ever."""
        while True:
            try:
                await self._listen()
            except redis_client.AWAY as error:
                if self.redis.is_up:
                    # what is said from now on is heard from PostgreSQL, beginning at once
                    self._doubtful.set()
                self.redis.note_failure(error)
                await asyncio.sleep(self.redis.choose_pause())

    async def _listen(self) -> NoReturn:
        """Hear what the stream says: first from its end on, later from where it broke off."""
        if self._position is None:
            self._position = await self._stream.find_end()
        while True:
            batch = await self._stream.read(self._position)
            if batch.lost or not self.redis.is_up:
                self._doubtful.set()
            self.redis.note_answer()
            self._apply(self._parse(batch.records))
            self._position = batch.position

    async def keep_in_step(self) -> NoReturn:
        """Hold what the database says, for ever."""
        try:
            while True:
                await self._keep_step()
        finally:
            self._view.close()

    async def _keep_step(self) -> None:
        try:
            await self._catch_up()
        except (*revocation_view.AWAY, SnapshotUnusable) as error:
            self.postgres.note_failure(error)
            self._purge_if_due()
            await asyncio.sleep(self.postgres.choose_pause())
        else:
            self.postgres.note_answer()
            await self._rest()

    def _purge_if_due(self) -> None:
        """A snapshot holds nothing that expired; without one somebody has to see to it."""
        now = self._clock()
        if now - self._purged_at >= PURGE_S:
            self._purged_at = now
            self.denials.purge(int(now))

    async def _rest(self) -> None:
        pause = RECONCILE_S * random.uniform(0.75, 1.0) if self.redis.is_up else POLL_S  # noqa: S311
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._doubtful.wait()

    async def _catch_up(self) -> None:
        since = self._clock() - (self.complete_at or 0.0)
        if self._doubtful.is_set() or self.redis.is_up or since >= RECONCILE_S:
            await self._read_all()
        else:
            self._apply(self._parse(await self._view.read_recent(RECENT_S)))

    async def _read_all(self) -> None:
        # before the snapshot is begun: a doubt that comes meanwhile is about what it may lack
        self._doubtful.clear()
        try:
            await self._replace()
        except BaseException:
            self._doubtful.set()
            raise

    async def _replace(self) -> None:
        begun_at = self._clock()
        snapshot = self.denials.begin_snapshot()
        late: list[Revocation] = []
        seen = good = 0

        def take(rows: list[str]) -> None:
            nonlocal seen, good
            revocations = self._parse(rows)
            seen, good = seen + len(rows), good + len(revocations)
            late.extend(one for one in revocations if self._is_news(one))
            snapshot.add(revocations)

        await self._view.read_all(take)
        if seen and not good:
            raise SnapshotUnusable(f"none of {seen} rows can be read")
        self._observe(one for one in late if not self.denials.holds(one))
        self.denials.replace(snapshot)
        self.complete_at = begun_at

    def _parse(self, records: Iterable[str | bytes]) -> list[Revocation]:
        """Records that break the format are counted, said once, and passed over."""
        revocations, faults = [], []
        for record in records:
            try:
                revocations.append(Revocation.parse(record))
            except RecordInvalid as error:
                faults.append(error)
        if faults:
            self.invalid += len(faults)
            _log.warning("%d records passed over, the first: %s", len(faults), faults[0])
        return revocations

    def _apply(self, revocations: Iterable[Revocation]) -> None:
        for revocation in revocations:
            if self._is_news(revocation):
                self._observe([revocation])
            self.denials.apply(revocation)

    def _is_news(self, revocation: Revocation) -> bool:
        came_meanwhile = revocation.revoked_at >= self._began_at and not revocation.lifted
        return came_meanwhile and not self.denials.holds(revocation)

    def _observe(self, revocations: Iterable[Revocation]) -> None:
        now = self._clock()
        for revocation in revocations:
            self.delay.observe(max(0.0, now - revocation.revoked_at))
