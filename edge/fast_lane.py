"""The fast lane: the plain repeated GET, answered where its bytes arrive.

It holds no policy. What it answers is what the slow lane would answer to the same bytes from RAM:
a plain request, a token verified before, a file at hand, an open gate. Where only the file is not
at hand, it is fetched first. Whatever else comes is left to the slow lane untouched, refusals too.
"""

import time
from asyncio import Transport
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from edge.access_log import AccessLog, Visit
from edge.content.assets import AssetIndex, MediaFile
from edge.content.bodies import Bodies, Place
from edge.content.cache import RamCache
from edge.content.documents import Documents
from edge.content.reader import ReaderBusy
from edge.content.twins import may_have_twin
from edge.gate.decisions import ALLOWED, Refused, Verified, decide, needs_standing
from edge.gate.denials import Denials, SessionKey
from edge.gate.standing import Session
from edge.http.responses import JOINED_BYTES, STORED, render_date
from edge.http.timings import Timings
from edge.limits import AtOnce, Leave
from edge.metrics import Counters
from edge.plain_requests import OTHER_FIELDS, Fields, Target, read_fields, read_target
from edge.state.claims import Verifier
from edge.state.session_table import SessionTable
from shared.paths import Kind
from shared.runtime.store.interface import StoreError
from shared.tokens import KeyUnknown

_MAX_FIELDS: Final = 4096
_MAX_TARGETS: Final = 65_536

_Match: TypeAlias = tuple[Fields, Target, Verified, Session, bytes]
"""All that a plain request names, and the end of the head where time was spent to verify it."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Fetched(NamedTuple):
    """A file that was fetched from the store for a request that `began_at` then, in unix seconds,
    and the head of the answer."""

    file: MediaFile
    head: bytes
    began_at: float


class FastLane:
    """Answers plain requests of one process; `answered` says how many it did."""

    def __init__(
        self,
        *,
        verifier: Verifier,
        sessions: SessionTable,
        denials: Denials,
        assets: Documents[AssetIndex],
        bodies: Bodies,
        cache: RamCache[Place, MediaFile],
        turns: AtOnce[SessionKey],
        counters: Counters,
        access_log: AccessLog,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._verifier = verifier
        self._sessions = sessions
        self._denials = denials
        self._assets = assets
        self._bodies = bodies
        self._cache = cache
        self._turns = turns
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
        match = self._match(data)
        if match is None:
            return False
        fields, target, _, session, head_end = match
        file = self._cache.find(target.place)
        if file is None:
            return False
        if fields.takes_gzip and file.twin is not None:
            file = file.twin
        now, head = self._clock(), file.representation.hit_head
        if not self._serve(match, file, head + head_end, transport, now=now):
            return False
        size = file.representation.size_bytes
        self.answered += 1
        tally = self._counters.answers[200, target.kind]
        tally.answers += 1
        tally.sent_bytes += size
        self._access_log.record_hit(now, target.log_text, session.log_id, size)
        return True

    def fetch(self, data: bytes) -> Coroutine[Any, Any, Fetched | None] | None:
        """What brings the file of a request into RAM, where that is all that keeps the fast lane
        from answering it. None came of it where the store failed: the slow lane tells of that."""
        match = self._match(data)
        if match is None:
            return None
        asset_id, name, _ = place = match[1].place
        index = self._assets.recall(asset_id)
        file = None if index is None else index.find(name)
        if file is None or may_have_twin(file) or not self._bodies.fits_in_ram(file):
            return None
        key = match[2].session_key
        if not self._turns.has_room(key) or not self._allows(match, file, now=int(self._clock())):
            return None
        return self._fetch(place, file, leave=self._turns.take(key))

    def answer_fetched(self, data: bytes, transport: Transport, fetched: Fetched) -> bool:
        """Answer a request whose file was fetched for it; the gate is asked anew."""
        match = self._match(data)
        if match is None:
            return False
        if not self._serve(match, fetched.file, fetched.head, transport, now=self._clock()):
            return False
        _, target, verified, *_ = match
        asset_id, name, _ = target.place
        visit = Visit("GET", fetched.began_at, target.kind, asset_id, name)
        visit.session_id = verified.claims.session_id
        visit.status, visit.sent_bytes = 200, fetched.file.representation.size_bytes
        visit.ended_at = time.time()
        self._counters.count(visit)
        self._access_log.record(visit)
        return True

    def _match(self, data: bytes) -> _Match | None:
        line_end = data.find(b"\r")
        block = data[line_end:]
        fields = self._fields.get(block) or self._learn_fields(block)
        parts = data[:line_end].decode("latin-1").split("/", 3)
        if not fields.is_plain or len(parts) != 4:
            return None
        method, version, token, rest = parts
        target = self._targets.get(rest) or self._learn_target(rest)
        if target is None or method != "GET " or version != "v1":
            return None
        verified, head_end = self._verifier.recall(token), b""
        if verified is None and target.place in self._cache:
            verified, head_end = self._verify(token)
        if verified is None:
            return None
        session = self._sessions.find(verified.session_key)
        if session is None:
            session = self._sessions.recall(verified.claims)
        return fields, target, verified, session, head_end

    def _verify(self, token: str) -> tuple[Verified | None, bytes]:
        """A token met for the first time, and the line that says how long that took."""
        timings = Timings()
        try:
            with timings.measure("verify"):
                verified = self._verifier.judge(token)
        except (Refused, KeyUnknown):
            return None, b""
        return verified, timings.render()

    async def _fetch(self, place: Place, file: MediaFile, *, leave: Leave) -> Fetched | None:
        timings, began_at = Timings(), time.time()
        try:
            with timings.measure("read"):
                loaded = await self._bodies.load(place, file)
        except (ReaderBusy, StoreError):
            return None
        finally:
            leave()
        head = loaded.representation.full_head + STORED + timings.render()
        return Fetched(loaded, head, began_at)

    def _learn_fields(self, block: bytes) -> Fields:
        fields = read_fields(block) or OTHER_FIELDS
        _remember(self._fields, block, fields, bound=_MAX_FIELDS)
        return fields

    def _learn_target(self, rest: str) -> Target | None:
        """What names no file is not remembered: there is no end of it."""
        target = read_target(rest)
        if target is not None:
            _remember(self._targets, rest, target, bound=_MAX_TARGETS)
        return target

    def _serve(
        self, match: _Match, file: MediaFile, head: bytes, transport: Transport, *, now: float
    ) -> bool:
        second, body = int(now), file.body
        if body is None or not self._allows(match, file, now=second):
            return False
        if match[1].kind is Kind.VIDEO:
            match[3].seen_at = now
        if second != self._dated:
            self._dated = second
            self._date = b"Date: %b\r\n\r\n" % render_date(second)
        if len(body) <= JOINED_BYTES:
            transport.write(b"".join((head, self._date, body)))
        elif file.pages is not None and file.pages.are_here(now):
            file.pages.send(transport, head + self._date, body)
        else:
            transport.writelines((head, self._date, body))
        return True

    def _allows(self, match: _Match, file: MediaFile, *, now: int) -> bool:
        fields, target, verified, session, _ = match
        if verified.is_limited and _is_intricate(file, target, verified, session, now=now):
            return False
        decision = decide(
            file.wanted,
            verified,
            session,
            now=now,
            origin=fields.origin,
            peer=None,
            denials=self._denials,
        )
        return decision is ALLOWED


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
