"""Private keys at rest: encrypted under keys that come from the environment alone."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class PrivateKeyUnreadable(Exception):
    """None of the keys in SLUICE_CONTROL_KEK opens a stored private key."""


def encrypt_private(pem: bytes) -> bytes:
    """Encrypt under the newest key."""
    return _open_keys().encrypt(pem)


def decrypt_private(encrypted: bytes) -> bytes:
    """Decrypt under whichever key fits; raise `PrivateKeyUnreadable`."""
    try:
        return _open_keys().decrypt(encrypted)
    except InvalidToken as error:
        raise PrivateKeyUnreadable("no key in SLUICE_CONTROL_KEK fits") from error


def renew_encryption(encrypted: bytes) -> bytes:
    """Encrypt under the newest key what may be encrypted under an older one."""
    return encrypt_private(decrypt_private(encrypted))


def _open_keys() -> MultiFernet:
    newest_first = settings.CONFIG.kek.get_secret_value().split(",")
    return MultiFernet([Fernet(key.strip()) for key in newest_first])
