"""Keys are made, recognised and revoked.

A key is `sluice_live_<id>_<secret>`: 32 and 64 hexadecimal digits. The secret has 256 random bits,
so that a plain digest of it is as good as a slow one.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from control_plane.accounts.models import User
from control_plane.api_keys.models import ApiKey

PREFIX: Final = "sluice_live_"

_SHAPE: Final = re.compile(rf"{PREFIX}([0-9a-f]{{32}})_([0-9a-f]{{64}})")
_USE_EVERY: Final = timedelta(minutes=1)


def create_key(
    user: User, *, name: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key and its text, which cannot be had again."""
    secret = secrets.token_hex(32)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    return key, f"{PREFIX}{key.id.hex}_{secret}"


def find_key(text: str, *, now: datetime) -> ApiKey | None:
    """The key that a text is, with its user; None for all that opens nothing (any more)."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    running = Q(expires_at=None) | Q(expires_at__gt=now)
    found = ApiKey.objects.select_related("user").filter(
        running, pk=UUID(shape[1]), revoked_at=None, user__is_active=True
    )
    key = found.first()
    if key is None or not secrets.compare_digest(key.digest, _digest(shape[2])):
        return None
    return key


def record_use(key: ApiKey, *, now: datetime) -> None:
    """Keep when a key was used last, to the minute."""
    if key.last_used_at is None or key.last_used_at <= now - _USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def revoke_key(key: ApiKey, *, now: datetime) -> bool:
    """From the next call on it opens nothing; whether it did until now."""
    return bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
