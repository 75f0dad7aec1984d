"""Other sites, with keys of their own."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control_plane.issuers.models import Issuer
from shared.keyring import public_jwk


def make_jwk(seed: int) -> dict[str, str]:
    return public_jwk(Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)).public_key())


def make_issuer(number: int = 1, **facts: Any) -> Issuer:
    """A site that is not stored yet; each number has a name and a key of its own."""
    issuer = f"https://site-{number}.example"
    return Issuer(**{"issuer": issuer, "jwks": {"keys": [make_jwk(number)]}, **facts})
