"""The control plane's settings for tests and type checks: made-up secrets, real services.

`tests.services` says where PostgreSQL and Redis listen, and starts them when a test needs them.
"""

import os

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests import services


def _rsa_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


for _name, _value in {
    "DATABASE_URL": services.DATABASE_URL,
    "REDIS_URL": services.REDIS_URL,
    "SLUICE_MEDIA_STORE": f"{services.FOLDER}/media",
    "SLUICE_ISSUER": "http://testserver",
    "SLUICE_CONTROL_URL": "http://testserver",
    "SLUICE_CONTROL_EDGE_URL": "http://edge.test",
    "SLUICE_CONTROL_SECRET_KEY": "tests-only-" + "x" * 50,
    "SLUICE_CONTROL_KEK": Fernet.generate_key().decode(),
    "SLUICE_CONTROL_JWT_PRIVATE_KEY": _rsa_pem(),
    "SLUICE_CONTROL_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "SLUICE_CONTROL_SPOOL": f"{services.FOLDER}/spool",
}.items():
    os.environ.setdefault(_name, _value)  # noqa: TID251

from control_plane.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
