"""The playback sessions that this process knows, by issuer and `sid`. Pure."""

from collections.abc import Iterator

from edge.denials import SessionKey
from edge.standing import Session
from shared.tokens import Claims


class SessionTable:
    """One `Session` for all tokens of a `sid`; those that expired or fell silent are let go."""

    def __init__(self) -> None:
        self._sessions: dict[SessionKey, Session] = {}

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
            session = self._sessions[key] = Session(
                issuer=claims.issuer,
                session_id=claims.session_id,
                subject=claims.subject,
                expires_at=claims.expires_at,
                max_streams=claims.max_streams,
                start_by=claims.start_by,
            )
        return session

    def drop_silent(self, *, before: float) -> None:
        """Let go of sessions whose last request was before then, in unix seconds."""
        silent = [key for key, session in self._sessions.items() if session.seen_at < before]
        for key in silent:
            del self._sessions[key]
