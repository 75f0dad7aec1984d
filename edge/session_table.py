"""The playback sessions that this process knows, by issuer and `sid`. Pure."""

from collections.abc import Iterator
from typing import Final

from edge.denials import SessionKey
from edge.standing import Session, Standing
from shared.tokens import Claims

MAX_SESSIONS: Final = 50_000


class SessionTable:
    """One `Session` for all tokens of a `sid`; those that fell silent are let go, and the oldest
    where there are too many: whoever comes back is met anew.

    Sessions that were displaced are remembered, with the time until which, whether they were ever
    seen here or not.
    """

    def __init__(self, *, bound: int = MAX_SESSIONS) -> None:
        self._bound = bound
        self._sessions: dict[SessionKey, Session] = {}
        self._displaced: dict[SessionKey, int] = {}

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

    def displace(self, key: SessionKey, *, until: int) -> None:
        """Let a session open nothing until then, in unix seconds."""
        self._displaced[key] = until
        session = self._sessions.get(key)
        if session is not None:
            session.standing, session.holders = Standing.DISPLACED, ()

    def readmit(self, key: SessionKey) -> None:
        """Forget that a session was displaced."""
        self._displaced.pop(key, None)
        session = self._sessions.get(key)
        if session is not None and session.standing is Standing.DISPLACED:
            session.standing = Standing.UNKNOWN

    def is_displaced(self, key: SessionKey) -> bool:
        return key in self._displaced

    def drop(self, *, silent_since: float, now: float) -> None:
        """Let go of sessions without a request since then, and of what no token can ask for any
        more; both in unix seconds."""
        silent = [key for key, one in self._sessions.items() if one.seen_at < silent_since]
        for key in silent:
            del self._sessions[key]
        self._displaced = {key: until for key, until in self._displaced.items() if until > now}

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
        if key in self._displaced:
            session.standing = Standing.DISPLACED
        return session
