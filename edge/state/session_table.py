"""The playback sessions that this process knows, by issuer and `sid`. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from edge.gate.denials import SessionKey
from edge.gate.standing import Session, Standing
from shared.tokens import Claims

MAX_SESSIONS: Final = 50_000


class _Change(NamedTuple):
    """That a session lost its place, or has one again, and until when that must be known."""

    at: float
    until: int
    displaced: bool


class SessionTable:
    """One `Session` for all tokens of a `sid`; those that fell silent are let go, and the oldest
    where there are too many: whoever comes back is met anew.

    Who was displaced is remembered, seen here or not. What is said of it may come late and out of
    order; `at`, by the clock of Redis, tells what is newer.
    """

    def __init__(self, *, bound: int = MAX_SESSIONS) -> None:
        self._bound = bound
        self._sessions: dict[SessionKey, Session] = {}
        self._changes: dict[SessionKey, _Change] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())

    def find(self, key: SessionKey) -> Session | None:
        return self._sessions.get(key)

    def recall(self, claims: Claims) -> Session:
        """The session of a token, from now on known."""
        key = (claims.issuer, claims.session_id)
        session = self._sessions.get(key)
        if session is None:
            return self._meet(key, claims)
        if claims.expires_at > session.expires_at:
            session.expires_at = claims.expires_at
        return session

    def displace(self, key: SessionKey, *, at: float, until: int) -> None:
        """Let a session open nothing until its token ends."""
        if self._is_news(key, at):
            self._changes[key] = _Change(at, until, displaced=True)
            self._stand(key, Standing.DISPLACED)

    def readmit(self, key: SessionKey, *, at: float, until: int) -> None:
        """Let a session that was displaced be asked about again."""
        if self._is_news(key, at):
            self._changes[key] = _Change(at, until, displaced=False)
            session = self._sessions.get(key)
            if session is not None and session.standing is Standing.DISPLACED:
                self._stand(key, Standing.UNKNOWN)

    def is_displaced(self, key: SessionKey, *, after: float) -> bool:
        """Whether a session was displaced, later than `after`."""
        change = self._changes.get(key)
        return change is not None and change.displaced and change.at > after

    def drop(self, *, silent_since: float, now: float) -> None:
        """Let go of sessions without a request since then, and of what no token can ask for any
        more; both in unix seconds."""
        silent = [key for key, one in self._sessions.items() if one.seen_at < silent_since]
        for key in silent:
            del self._sessions[key]
        self._changes = {key: one for key, one in self._changes.items() if one.until > now}

    def _is_news(self, key: SessionKey, at: float) -> bool:
        known = self._changes.get(key)
        return known is None or at > known.at

    def _stand(self, key: SessionKey, standing: Standing) -> None:
        session = self._sessions.get(key)
        if session is not None:
            session.standing, session.holders = standing, ()

    def _meet(self, key: SessionKey, claims: Claims) -> Session:
        if len(self._sessions) >= self._bound:
            del self._sessions[next(iter(self._sessions))]
        session = self._sessions[key] = Session(
            issuer=claims.issuer,
            session_id=claims.session_id,
            subject=claims.subject,
            expires_at=claims.expires_at,
            max_streams=claims.max_streams,
            start_by=claims.start_by,
            video_id=claims.video_id,
            asset_id=claims.asset_id,
        )
        if self.is_displaced(key, after=0):
            session.standing = Standing.DISPLACED
        return session
