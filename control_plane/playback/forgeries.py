"""Tokens that shall open nothing, and one that opens everything: signed with the real key."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control_plane.ids import make_uuid7
from shared.base64url import encode_base64url
from shared.keyring import SigningKey
from shared.paths import Kind
from shared.tokens import LISTING_SUBJECT, TOKEN_TYPE, Claims, issue_token

VIEWER: Final = "leakcheck"

_AGE_S: Final = 600
_LIFE_S: Final = 3600


class Attempt(StrEnum):
    """A way to ask for what one may not have."""

    ANONYMOUS = "anonymous"
    OTHER_VIEWER = "other viewer"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WRONG_KIND = "wrong kind"
    ABOVE_HEIGHT = "above height"
    TAMPERED = "tampered"
    POSTER_TOKEN = "poster token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file of the asset that is asked for."""

    name: str
    kind: Kind
    height: int | None = None


class Forger:
    """Makes tokens for one video as of `now`, in unix seconds."""

    def __init__(self, key: SigningKey, video_id: str, *, now: int) -> None:
        self._key = key
        self._video_id = video_id
        self._now = now
        self.session_id: Final = str(make_uuid7())

    def make_good(self, session_id: str | None = None) -> str:
        """It opens every file of the video, also downloads."""
        return self._issue(session_id=session_id or str(make_uuid7()))

    def make_bad(self, attempt: Attempt, exhibit: Exhibit) -> list[str | None]:
        """Tokens of an attempt, None for no token; an empty list where it makes no sense."""
        makers: dict[Attempt, Callable[[Exhibit], list[str | None]]] = {
            Attempt.ANONYMOUS: lambda _exhibit: [None],
            Attempt.OTHER_VIEWER: self._make_others,
            Attempt.EXPIRED: self._make_expired,
            Attempt.REVOKED: lambda _exhibit: [self.make_good(self.session_id)],
            Attempt.WRONG_KIND: lambda exhibit: [
                self._issue(kinds=frozenset(Kind) - {exhibit.kind})
            ],
            Attempt.ABOVE_HEIGHT: self._make_too_low,
            Attempt.TAMPERED: self._make_tampered,
            Attempt.POSTER_TOKEN: self._make_poster_token,
        }
        return makers[attempt](exhibit)

    def _make_others(self, _exhibit: Exhibit) -> list[str | None]:
        """For another video, and for another asset."""
        elsewhere = str(make_uuid7())
        return [
            self._issue(video_id=elsewhere),
            self._issue(video_id=None, asset_id=elsewhere),
        ]

    def _make_expired(self, _exhibit: Exhibit) -> list[str | None]:
        return [self._issue(expires_at=self._now - 1)]

    def _make_too_low(self, exhibit: Exhibit) -> list[str | None]:
        if exhibit.height is None or exhibit.height < 2:
            return []
        return [self._issue(max_height=exhibit.height - 1)]

    def _make_poster_token(self, exhibit: Exhibit) -> list[str | None]:
        if exhibit.kind is Kind.POSTER:
            return []
        names = {"subject": LISTING_SUBJECT, "session_id": LISTING_SUBJECT}
        return [self._issue(kinds=frozenset({Kind.POSTER}), **names)]

    def _make_tampered(self, _exhibit: Exhibit) -> list[str | None]:
        """A changed signature, changed claims, a stranger's signature, and none."""
        header, payload, signature = self.make_good().split(".")
        other_header, _, other_signature = self._issue(expires_at=self._now - 1).split(".")
        changed = ("B" if signature.startswith("A") else "A") + signature[1:]
        stranger = SigningKey(self._key.kid, self._key.issuer, Ed25519PrivateKey.generate())
        unsigned = {"alg": "none", "kid": self._key.kid, "typ": TOKEN_TYPE}
        return [
            f"{header}.{payload}.{changed}",
            f"{other_header}.{payload}.{other_signature}",
            issue_token(self._claim(), stranger),
            f"{encode_base64url(json.dumps(unsigned).encode())}.{payload}.",
        ]

    def _issue(self, **facts: Any) -> str:
        return issue_token(self._claim(**facts), self._key)

    def _claim(self, **facts: Any) -> Claims:
        claims: dict[str, Any] = {
            "issuer": self._key.issuer,
            "subject": VIEWER,
            "session_id": str(make_uuid7()),
            "video_id": self._video_id,
            "kinds": frozenset(Kind),
            "issued_at": self._now - _AGE_S,
            "not_before": self._now - _AGE_S,
            "expires_at": self._now + _LIFE_S,
        }
        return Claims(**{**claims, **facts})
