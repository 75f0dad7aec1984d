"""Refresh tokens that are good once: taken twice, the whole session ends.

Allauth's own strategy reads, changes and writes the session without a lock, so that several
uses of one refresh token at a time all succeed and overwrite each other; and it passes over
the reuse of an old one.
"""

import time
from typing import Any, Final

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

# A client that sends a request twice, or loses an answer, is no thief yet.
GRACE_S: Final = 10
_USED: Final = "used_refresh_tokens"


class LockedFamilyStrategy(JWTTokenStrategy):
    """One refresh at a time for each session, by a lock on its row."""

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        payload = internal.decode_token(refresh_token, "refresh")
        if payload is None:
            return None
        with transaction.atomic():
            session = _lock_session(payload)
            return None if session is None else self._refresh(session, refresh_token, payload)

    def _refresh(
        self, session: SessionBase, refresh_token: str, payload: dict[str, Any]
    ) -> tuple[str, str] | None:
        now, name = time.time(), payload["jti"]
        if name in internal.get_refresh_token_state(session):
            _note_use(session, name, now)
            session.save()
            fresh: tuple[str, str] | None = super().refresh_token(refresh_token)
            return fresh
        if now - session.get(_USED, {}).get(name, 0) > GRACE_S:
            session.flush()
        return None


def _lock_session(payload: dict[str, Any]) -> SessionBase | None:
    """The session of a token as it is once nobody else refreshes it."""
    key = internal.session_key_from_sid(payload["sid"])
    if not Session.objects.select_for_update().filter(session_key=key).exists():
        return None
    session: SessionBase | None = internal.get_token_session(payload)
    return session


def _note_use(session: SessionBase, name: str, now: float) -> None:
    """Keep when a token was used for as long as that can excuse a second use."""
    used = {jti: at for jti, at in session.get(_USED, {}).items() if now - at <= GRACE_S}
    session[_USED] = {**used, name: now}
