"""The control plane's settings for tests and type checks: made-up secrets, real services.

The fixtures of `tests/conftest.py` export DATABASE_URL and REDIS_URL before this is imported;
type checks import it without any service.
"""

import os
import tempfile

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def _rsa_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


_folder = tempfile.mkdtemp(prefix="sluice-tests-")

for _name, _value in {
    "DATABASE_URL": "postgresql://nobody@localhost/none",
    "REDIS_URL": "redis://localhost/0",
    "SLUICE_MEDIA_STORE": f"{_folder}/media",
    "SLUICE_ISSUER": "http://testserver",
    "SLUICE_CONTROL_URL": "http://testserver",
    "SLUICE_CONTROL_EDGE_URL": "http://edge.test",
    "SLUICE_CONTROL_SECRET_KEY": "tests-only-" + "x" * 50,
    "SLUICE_CONTROL_KEK": Fernet.generate_key().decode(),
    "SLUICE_CONTROL_JWT_PRIVATE_KEY": _rsa_pem(),
    "SLUICE_CONTROL_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "SLUICE_CONTROL_SPOOL": f"{_folder}/spool",
}.items():
    os.environ.setdefault(_name, _value)  # noqa: TID251

from control_plane.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
