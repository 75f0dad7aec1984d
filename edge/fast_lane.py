"""The fast lane: the plain repeated GET, answered where its bytes arrive.

It holds no policy. What it answers is what the slow lane would answer to the same bytes from RAM:
a plain request, a token verified before, a file at hand, an open gate. Whatever else comes is left
to the slow lane untouched, refusals too.
"""

import time
from asyncio import Transport
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

from edge.access_log import AccessLog
from edge.assets import MediaFile
from edge.bodies import Place
from edge.cache import RamCache
from edge.claims import Verifier
from edge.denials import Denials
from edge.gate import ALLOWED, Verified, decide, needs_standing
from edge.http.responses import JOINED_BYTES, render_date
from edge.metrics import Counters
from edge.plain_requests import OTHER_FIELDS, Fields, Target, read_fields, read_target
from edge.session_table import SessionTable
from edge.standing import Session
from shared.paths import Kind

_BEGINNING: Final = "GET /v1/"
_TOKEN_AT: Final = len(_BEGINNING)
_MAX_FIELDS: Final = 4096
_MAX_TARGETS: Final = 65_536

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class FastLane:
    """Answers plain requests of one process; `answered` says how many it did."""

    def __init__(
        self,
        *,
        verifier: Verifier,
        sessions: SessionTable,
        denials: Denials,
        cache: RamCache[Place, MediaFile],
        counters: Counters,
        access_log: AccessLog,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._verifier = verifier
        self._sessions = sessions
        self._denials = denials
        self._cache = cache
        self._counters = counters
        self._access_log = access_log
        self._clock = clock
        self._fields: dict[bytes, Fields] = {}
        self._targets: dict[str, Target] = {}
        self.answered = 0
        self._dated = 0
        self._date = b""

    def answer(self, data: bytes, transport: Transport) -> bool:
        """Answer if `data` is a request for the fast lane; else touch nothing and return False."""
        line_end = data.find(b"\r")
        fields = self._find_fields(data[line_end:])
        line = data[:line_end].decode("latin-1")
        if not fields.is_plain or not line.startswith(_BEGINNING):
            return False
        token, _, rest = line[_TOKEN_AT:].partition("/")
        verified = self._verifier.recall(token)
        target = self._targets.get(rest) or self._find_target(rest)
        if verified is None or target is None:
            return False
        file = self._cache.get(target.place)
        session = self._sessions.find(verified.session_key)
        if file is None or session is None:
            return False
        if fields.takes_gzip and file.twin is not None:
            file = file.twin
        body = file.body
        if body is None:
            return False
        now = self._clock()
        if not self._allows(file, target, verified, session, now=int(now), origin=fields.origin):
            return False
        if target.kind is Kind.VIDEO:
            session.seen_at = now
        self._send(file.representation.hit_head, body, transport, second=int(now))
        self._record(target, session, began_at=now, size=len(body))
        return True

    def _find_fields(self, block: bytes) -> Fields:
        fields = self._fields.get(block)
        if fields is None:
            fields = read_fields(block) or OTHER_FIELDS
            _remember(self._fields, block, fields, bound=_MAX_FIELDS)
        return fields

    def _find_target(self, rest: str) -> Target | None:
        """What names no file is not remembered: there is no end of it."""
        target = read_target(rest)
        if target is not None:
            _remember(self._targets, rest, target, bound=_MAX_TARGETS)
        return target

    def _allows(
        self,
        file: MediaFile,
        target: Target,
        verified: Verified,
        session: Session,
        *,
        now: int,
        origin: str | None,
    ) -> bool:
        if verified.is_limited and _is_intricate(file, target, verified, session, now=now):
            return False
        decision = decide(
            file.wanted,
            verified,
            session,
            now=now,
            origin=origin,
            peer=None,
            denials=self._denials,
        )
        return decision is ALLOWED

    def _send(self, head: bytes, body: bytes, transport: Transport, *, second: int) -> None:
        if second != self._dated:
            self._dated = second
            self._date = b"Date: %b\r\n\r\n" % render_date(second)
        if len(body) <= JOINED_BYTES:
            transport.write(b"".join((head, self._date, body)))
        else:
            transport.writelines((head, self._date, body))

    def _record(self, target: Target, session: Session, *, began_at: float, size: int) -> None:
        self.answered += 1
        self._counters.requests[200, target.kind] += 1
        self._counters.sent_bytes[target.kind] += size
        self._access_log.record_hit(began_at, target.log_text, session.log_id, size)


def _is_intricate(
    file: MediaFile, target: Target, verified: Verified, session: Session, *, now: int
) -> bool:
    """Whether more must be known than is known here: who asks, where the session stands, or what
    is left of the main playlist under a height limit."""
    claims = verified.claims
    return (
        claims.ip is not None
        or (target.is_main and claims.max_height is not None)
        or needs_standing(ALLOWED, file.wanted, claims, session, now=now)
    )


def _remember(memory: dict[Key, Value], key: Key, value: Value, *, bound: int) -> None:
    if len(memory) >= bound:
        memory.clear()
    memory[key] = value
