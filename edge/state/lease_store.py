"""Leases in Redis: what `leases.lua` says of sessions, and the stream of those that were ended.

Every method raises what `edge.state.redis_client.AWAY` names when Redis does not answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from edge.gate.standing import Holder, Session, Standing
from shared.events.leases import (
    LEASE_S,
    SESSION_STREAM,
    SESSION_STREAM_LENGTH,
    Lease,
    SessionEnded,
    name_viewer_keys,
)
from shared.events.record import FIELD

BATCH: Final = 100
"""Sessions in one pipeline: more would keep the event loop from its requests for too long."""

READ_BLOCK_MS: Final = 1000
READ_COUNT: Final = 500

_SCRIPT: Final = Path(__file__).with_name("leases.lua").read_text(encoding="ascii")
_STANDINGS: Final = {
    b"running": Standing.RUNNING,
    b"limit": Standing.LIMIT,
    b"displaced": Standing.DISPLACED,
    b"window_closed": Standing.WINDOW_CLOSED,
    b"unknown": Standing.UNKNOWN,
}


class Mode(StrEnum):
    """What a session wants: to know where it stands, a place, or a place at any price."""

    LOOK = "look"
    BEGIN = "begin"
    TAKE_OVER = "take_over"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Redis said of a session, and when by its clock, in unix seconds. `displaced` are the
    sessions that had to go for it, with the ends of their tokens."""

    standing: Standing
    at: float
    holders: tuple[Holder, ...] = ()
    displaced: tuple[tuple[str, int], ...] = ()


class LeaseStore:
    """The leases of all viewers. A lease lives for `lease_s` past its session's last request."""

    def __init__(self, client: Redis, *, lease_s: float = LEASE_S) -> None:
        self._client = client
        self._lease_ms = round(lease_s * 1000)
        self._script = client.register_script(_SCRIPT)

    async def load_script(self) -> None:
        """So that the next question takes one round trip."""
        await self._client.script_load(_SCRIPT)

    async def ask(self, session: Session, mode: Mode, *, now: float) -> Verdict:
        """Where a session stands, after it took the place it may have."""
        keys, arguments = self._describe(session, mode, now)
        return self._read(await self._script(keys=keys, args=arguments))

    async def renew(self, sessions: Sequence[Session], *, now: float) -> list[Verdict | None]:
        """The same for sessions that are running: at most `BATCH` of them, in one go. None is
        what Redis could not say of one, whose keys hold what is no lease."""
        answers = await self._send(sessions, now)
        if any(isinstance(answer, NoScriptError) for answer in answers):
            await self.load_script()
            answers = await self._send(sessions, now)
        return [None if isinstance(one, ResponseError) else self._read(one) for one in answers]

    async def tell(self, news: Iterable[SessionEnded]) -> None:
        """Let every edge know."""
        async with self._client.pipeline(transaction=False) as pipe:
            for ended in news:
                pipe.xadd(SESSION_STREAM, {FIELD: ended.render()}, maxlen=SESSION_STREAM_LENGTH)
            await pipe.execute()

    async def read_news(self, after: str) -> list[tuple[str, bytes]]:
        """Records behind the entry `after`, with their entries' ids; waits a while for some."""
        found: Any = await self._client.xread(
            {SESSION_STREAM: after}, count=READ_COUNT, block=READ_BLOCK_MS
        )
        entries = found[0][1] if found else []
        return [(entry.decode(), fields.get(FIELD.encode(), b"")) for entry, fields in entries]

    async def _send(self, sessions: Sequence[Session], now: float) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipe:
            for session in sessions:
                keys, arguments = self._describe(session, Mode.BEGIN, now)
                pipe.evalsha(self._script.sha, len(keys), *keys, *arguments)
            return await pipe.execute(raise_on_error=False)

    def _describe(
        self, session: Session, mode: Mode, now: float
    ) -> tuple[Sequence[str], list[str | int]]:
        """The script's keys and arguments. A clock that was set meanwhile makes no odd ages."""
        seen_ms = min(max(now - (session.seen_at or now), 0) * 1000, self._lease_ms - 1)
        began_ms = max(now - (session.began_at or now), 0) * 1000
        return name_viewer_keys(session.issuer, session.subject), [
            session.session_id,
            mode.value,
            session.max_streams or 0,
            -1 if session.start_by is None else session.start_by,
            session.expires_at,
            round(began_ms),
            round(seen_ms),
            self._lease_ms,
            session.video_id or "",
            session.asset_id or "",
        ]

    def _read(self, answer: list[Any]) -> Verdict:
        word, at_us, *rest = answer
        standing, at = _STANDINGS[word], at_us / 1e6
        if standing is Standing.LIMIT:
            return Verdict(standing, at, holders=tuple(self._read_holders(rest)))
        displaced = tuple((sid.decode(), int(until)) for sid, until in _pair(rest))
        return Verdict(standing, at, displaced=displaced)

    def _read_holders(self, rest: list[bytes]) -> Iterator[Holder]:
        for sid, text, ends in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            lease = Lease.parse(text)
            yield Holder(
                session_id=sid.decode(),
                video_id=lease.video_id,
                began_at=lease.began_at,
                seen_at=(int(ends) - self._lease_ms) // 1000,
            )


def _pair(rest: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(rest[::2], rest[1::2], strict=True)
