"""What is read of the signing keys: the one that signs, and those that are published."""

from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings

from control_plane.encryption import decrypt
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import REREAD_S, ensure_keys, is_forgotten
from shared import keyring


def published_jwks(*, now: datetime) -> bytes:
    """The JWK Set of every key whose tokens may be alive, and of the one that signs next."""
    ensure_keys(now=now)
    keys = SigningKey.objects.order_by("created_at", "kid")
    return keyring.render_jwks(key.public_jwk for key in keys if not is_forgotten(key, now=now))


def current_key(*, now: datetime) -> keyring.SigningKey:
    """The key that signs, as it was read at most `REREAD_S` seconds ago."""
    return _read_current_key(int(now.timestamp()) // REREAD_S)


def forget_current_key() -> None:
    """Read it anew the next time."""
    _read_current_key.cache_clear()


@lru_cache(maxsize=1)
def _read_current_key(period: int) -> keyring.SigningKey:
    ensure_keys(now=datetime.fromtimestamp(period * REREAD_S, UTC))
    row = SigningKey.objects.get(stage=keyring.Stage.CURRENT)
    return _open_key(bytes(row.encrypted_private))


@lru_cache(maxsize=4)
def _open_key(encrypted_private: bytes) -> keyring.SigningKey:
    """An unchanged row gives the same object, so what is cached by it stays cached."""
    pem = decrypt(encrypted_private)
    return keyring.load_signing_key(pem, issuer=settings.CONFIG.issuer)
