"""Secrets at rest: encrypted under keys that come from the environment alone."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(Exception):
    """None of the keys in SLUICE_CONTROL_KEK opens what is stored."""


def encrypt(secret: bytes) -> bytes:
    """Encrypt under the newest key."""
    return _open_keys().encrypt(secret)


def decrypt(encrypted: bytes) -> bytes:
    """Decrypt under whichever key fits; raise `SecretUnreadable`."""
    try:
        return _open_keys().decrypt(encrypted)
    except InvalidToken as error:
        raise SecretUnreadable("no key in SLUICE_CONTROL_KEK fits") from error


def renew_encryption(encrypted: bytes) -> bytes:
    """Encrypt under the newest key what may be encrypted under an older one."""
    return encrypt(decrypt(encrypted))


def _open_keys() -> MultiFernet:
    newest_first = settings.CONFIG.kek.get_secret_value().split(",")
    return MultiFernet([Fernet(key.strip()) for key in newest_first])
