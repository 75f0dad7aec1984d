"""The system's secrets: made at the first start, each in a file that only its owner may read."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from standalone.private_files import FILE_MODE, write_private

ADMIN_PASSWORD: Final = "admin_password"  # noqa: S105  (a file's name)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Every secret of a system on one machine."""

    django_secret_key: str
    kek: str
    jwt_private_key: str
    postgres_password: str
    postgres_edge_password: str
    redis_password: str
    admin_password: str


def load_credentials(folder: Path) -> Credentials:
    """Read the secrets in `folder`, and make those that are not there."""
    return Credentials(
        django_secret_key=_load(folder / "django_secret_key", _make_long_text),
        kek=_load(folder / "kek", _make_fernet_key),
        jwt_private_key=_load(folder / "jwt_private_key.pem", _make_rsa_key),
        postgres_password=_load(folder / "postgres_password", secrets.token_urlsafe),
        postgres_edge_password=_load(folder / "postgres_edge_password", secrets.token_urlsafe),
        redis_password=_load(folder / "redis_password", secrets.token_urlsafe),
        admin_password=_load(folder / ADMIN_PASSWORD, _make_password),
    )


def _load(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        write_private(path, make() + "\n")
    path.chmod(FILE_MODE)
    return path.read_text().strip()


def _make_long_text() -> str:
    return secrets.token_urlsafe(64)


def _make_fernet_key() -> str:
    return Fernet.generate_key().decode()


def _make_rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _make_password() -> str:
    """Typed by a person now and then."""
    return secrets.token_urlsafe(15)
