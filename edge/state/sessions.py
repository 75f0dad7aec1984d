"""Sessions and their leases: who may begin, who goes on, whose place was taken.

The hot path reads `standing` and sets `seen_at`; all else happens here. A session with limits is
asked about once, when it begins; leases are renewed every `ROUND_S` for all that were seen since.
Without Redis running sessions go on; new ones are served as LATE, and decided when it is back.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NoReturn

from edge.content.flights import Flights
from edge.gate.denials import SessionKey
from edge.gate.standing import Session, Standing
from edge.state.lease_store import BATCH, LeaseStore, Mode, Verdict
from edge.state.redis_client import AWAY
from edge.state.session_news import describe_refused, describe_take_over
from edge.state.session_table import SessionTable
from shared.events.leases import LEASE_S, EndReason, SessionEnded
from shared.events.record import RecordInvalid

DEADLINE_S: Final = 0.05
TAKE_OVER_S: Final = 1.0
TICK_S: Final = 1.0
ROUND_S: Final = 15.0
RETRY_S: Final = 3.0
"""How long a refusal stands that the end of another session would change."""

_MAX_UNTOLD: Final = 1000
_PASSING: Final = (Standing.LIMIT, Standing.WINDOW_CLOSED)
_RENEWED: Final = (Standing.UNKNOWN, Standing.RUNNING)

_log = logging.getLogger(__name__)


class Sessions:
    """The leases of this process's sessions.

    `counts` are the questions asked, those that were late, and the refusals by standing; `healthy`
    tells whether Redis answers.
    """

    def __init__(
        self,
        table: SessionTable,
        store: LeaseStore,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.table = table
        self.recall = table.recall
        self.counts: Counter[str] = Counter()
        self.healthy = False
        self._store = store
        self._clock = clock
        self._flights: Flights[SessionKey, None] = Flights()
        self._late: list[Session] = []
        self._refused: deque[tuple[float, Session]] = deque()
        self._untold: deque[SessionEnded] = deque(maxlen=_MAX_UNTOLD)
        self._renewed_at = 0.0
        self._last_news = "0"

    async def begin(
        self, session: Session, *, asset_id: str | None, now: float, plays: bool = True
    ) -> None:
        """Let a session of unknown standing begin, or learn that it may not: one question at a
        time, with a deadline. One that asks for something else than the film does not begin, and
        only learns whether it has.
        """
        if plays:
            session.asset_id = session.asset_id or asset_id
            session.began_at = session.began_at or now
            session.seen_at = now
        mode = Mode.BEGIN if plays else Mode.LOOK
        await self._flights.join(_key_of(session), partial(self._ask, session, mode, now))

    async def take_over(self, session: Session) -> None:
        """Give a session a place, and end those of its viewer that began first for it."""
        now = session.seen_at = self._clock()
        session.began_at = session.began_at or now
        try:
            async with asyncio.timeout(TAKE_OVER_S):
                verdict = await self._store.ask(session, Mode.TAKE_OVER, now=now)
        except AWAY as error:
            self._put_off(session, error)
            return
        if verdict.standing is Standing.RUNNING:
            self._announce(describe_take_over(session, verdict))
        self._settle(session, verdict)
        await self._tell()

    async def keep_leases(self) -> NoReturn:
        """Renew leases for ever: at once when Redis was away, for it may have forgotten."""
        next_round = late_from = looked_at = 0.0
        while True:
            now = self._clock()
            if now < looked_at:
                self.heed_clock_set_back()
            looked_at = now
            self.reopen()
            if not self._renewed_at:
                # who runs, here or elsewhere, comes before who was let in without a count
                late_from = now + RETRY_S
            if now >= next_round or not self._renewed_at:
                next_round = now + ROUND_S
                await self.renew_all()
            if now >= late_from:
                await self.decide_late()
            await self._tell()
            await asyncio.sleep(TICK_S)

    def heed_clock_set_back(self) -> None:
        """Let nothing lie ahead: leases would lapse, or silent sessions keep theirs, until then."""
        now = self._clock()
        for session in self.table:
            session.seen_at = min(session.seen_at, now)
        again_at = now + RETRY_S
        self._refused = deque((min(at, again_at), session) for at, session in self._refused)
        self._renewed_at = 0.0

    async def renew_all(self) -> None:
        """Renew the leases of all who were seen since that was done last, and let go of those
        whose lease is about to end."""
        now = self._clock()
        since = max(self._renewed_at, now - LEASE_S)
        if await self._renew([one for one in self.table if _is_due(one, since=since, now=now)]):
            self._renewed_at = now
        silent_since = now - LEASE_S + ROUND_S
        self.table.drop(silent_since=silent_since, now=now)
        self._late = [one for one in self._late if one.seen_at >= silent_since]

    async def decide_late(self) -> None:
        """Ask again about those who were served without an answer."""
        now = self._clock()
        late = [one for one in self._late if one.standing is Standing.LATE and one.expires_at > now]
        self._late = []
        await self._renew(late)
        self._late += [one for one in late if one.standing is Standing.LATE]

    def reopen(self) -> None:
        """Let those ask again whom a place that came free would let in."""
        now = self._clock()
        while self._refused and self._refused[0][0] <= now:
            _, session = self._refused.popleft()
            if session.standing in _PASSING:
                session.standing, session.holders = Standing.UNKNOWN, ()

    async def follow_news(self) -> NoReturn:
        """Take up for ever what other processes say of sessions."""
        while True:
            try:
                await self.read_news()
            except AWAY as error:
                self._note_away(error)
                await asyncio.sleep(TICK_S)

    async def read_news(self) -> None:
        """Wait a while for news and take them up; raises what `AWAY` names."""
        found = await self._store.read_news(self._last_news)
        self.healthy = True
        for entry, text in found:
            self._last_news = entry
            try:
                self._take_up(SessionEnded.parse(text))
            except RecordInvalid as error:
                _log.warning("no news of a session: %s", error)

    def count_standings(self) -> Counter[Standing]:
        """How many sessions there are, by where they stand."""
        return Counter(session.standing for session in self.table)

    async def _ask(self, session: Session, mode: Mode, now: float) -> None:
        self.counts["asked"] += 1
        try:
            async with asyncio.timeout(DEADLINE_S):
                verdict = await self._store.ask(session, mode, now=now)
        except AWAY as error:
            self._put_off(session, error)
        else:
            self._settle(session, verdict)

    def _put_off(self, session: Session, error: Exception) -> None:
        """Serve it now, and decide with one of the next ticks."""
        _log.debug("a session is late: %r", error)
        self.counts["late"] += 1
        session.standing, session.holders = Standing.LATE, ()
        self._late.append(session)

    def _settle(self, session: Session, verdict: Verdict) -> None:
        """What other processes told meanwhile may be newer than the verdict."""
        key = _key_of(session)
        if verdict.standing is Standing.DISPLACED:
            self.table.displace(key, at=verdict.at, until=session.expires_at)
        if self.table.is_displaced(key, after=verdict.at):
            session.standing, session.holders = Standing.DISPLACED, ()
            return
        session.standing, session.holders = verdict.standing, verdict.holders
        if verdict.standing in _PASSING:
            self._refuse(session)

    def _refuse(self, session: Session) -> None:
        """It is not playing any more: when it asks again, it begins anew."""
        session.began_at = session.seen_at = 0.0
        self.counts[session.standing.name.lower()] += 1
        self._refused.append((self._clock() + RETRY_S, session))

    async def _renew(self, sessions: Sequence[Session]) -> bool:
        """Whether Redis answered to all of it. What it forgot, it learns anew."""
        try:
            if not self._renewed_at:
                await self._store.load_script()
            for start in range(0, len(sessions), BATCH):
                await self._renew_batch(sessions[start : start + BATCH])
        except AWAY as error:
            self._note_away(error)
            return False
        return True

    async def _renew_batch(self, sessions: Sequence[Session]) -> None:
        for session in sessions:
            session.began_at = session.began_at or session.seen_at
        verdicts = await self._store.renew(sessions, now=self._clock())
        for session, verdict in zip(sessions, verdicts, strict=True):
            if verdict is None:
                continue
            self._settle(session, verdict)
            if verdict.standing is Standing.LIMIT:
                self._untold.append(describe_refused(session, verdict))
        await self._tell()

    def _announce(self, news: Sequence[SessionEnded]) -> None:
        for ended in news:
            self._take_up(ended)
        self._untold.extend(news)

    async def _tell(self) -> None:
        """What could not be told now is told later; processes also find out when they renew."""
        news = list(self._untold)
        self._untold.clear()
        try:
            if news:
                await self._store.tell(news)
        except AWAY as error:
            self._note_away(error)
            self._untold.extendleft(reversed(news))

    def _take_up(self, ended: SessionEnded) -> None:
        key = (ended.issuer, ended.session_id)
        if ended.reason is EndReason.REFUSED:
            session = self.table.find(key)
            if session is not None and session.standing in (Standing.RUNNING, Standing.LATE):
                session.standing = Standing.LIMIT
                self._refuse(session)
        elif ended.lifted:
            self.table.readmit(key, at=ended.at, until=ended.expires_at)
        else:
            self.table.displace(key, at=ended.at, until=ended.expires_at)

    def _note_away(self, error: Exception) -> None:
        """From now on every lease needs to be renewed."""
        if self.healthy:
            _log.warning("leases are not kept: %r", error)
        self.healthy = False
        self._renewed_at = 0.0


def _key_of(session: Session) -> SessionKey:
    return session.issuer, session.session_id


def _is_due(session: Session, *, since: float, now: float) -> bool:
    return session.standing in _RENEWED and session.seen_at > since and session.expires_at > now
