"""Fixed keys, fixed claims and a signer without scruples, for tokens that no honest code makes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from shared.base64url import encode_base64url
from shared.keyring import SigningKey, VerifyingKey, parse_jwks, public_jwk, thumbprint
from shared.tokens import TOKEN_TYPE

ISSUER: Final = "https://sluice.example"
PARTNER: Final = "https://partner.example"
VIDEO_ID: Final = "0198c0de-0000-7000-8000-000000000001"
ASSET_ID: Final = "0198c0de-0000-7000-8000-000000000002"
NOW: Final = 1767225600

OWN_PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER_PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
PARTNER_PRIVATE: Final = ec.derive_private_key(
    int.from_bytes(bytes(range(1, 33)), "big"), ec.SECP256R1()
)
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER: Final = 2**252 + 27742317777372353535851937790883648493


def elliptic_jwk(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The JWK of a P-256 key as RFC 7518 section 6.2 has it."""
    numbers = public.public_numbers()
    x, y = (encode_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    bare = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    return {**bare, "kid": thumbprint(bare), "alg": "ES256", "use": "sig"}


OWN_JWK: Final = public_jwk(OWN_PRIVATE.public_key())
STRANGER_JWK: Final = public_jwk(STRANGER_PRIVATE.public_key())
PARTNER_JWK: Final = elliptic_jwk(PARTNER_PRIVATE.public_key())
OWN_KEY: Final = SigningKey(OWN_JWK["kid"], ISSUER, OWN_PRIVATE)

KEYS: Final[dict[str, VerifyingKey]] = {
    **parse_jwks(json.dumps({"keys": [OWN_JWK]}).encode(), issuer=ISSUER),
    **parse_jwks(json.dumps({"keys": [PARTNER_JWK]}).encode(), issuer=PARTNER),
}

HEADER: Final[dict[str, Any]] = {"alg": "EdDSA", "kid": OWN_JWK["kid"], "typ": TOKEN_TYPE}
PARTNER_HEADER: Final[dict[str, Any]] = {**HEADER, "alg": "ES256", "kid": PARTNER_JWK["kid"]}
PAYLOAD: Final[dict[str, Any]] = {
    "aud": "edge",
    "exp": NOW + 3600,
    "iat": NOW,
    "iss": ISSUER,
    "jti": "s1",
    "nbf": NOW,
    "sid": "s1",
    "sub": "u1",
    "vid": VIDEO_ID,
}


def encode(part: Mapping[str, Any] | str | bytes) -> str:
    """One part of a token: JSON of a mapping, the text or the bytes as they are."""
    if isinstance(part, Mapping):
        part = json.dumps(part, separators=(",", ":"))
    return encode_base64url(part.encode() if isinstance(part, str) else part)


def sign(private: PrivateKey, content: bytes) -> bytes:
    """The JWS signature; deterministic for both algorithms (RFC 8032, RFC 6979)."""
    if isinstance(private, Ed25519PrivateKey):
        return private.sign(content)
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(private.sign(content, algorithm))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def forge(
    payload: Mapping[str, Any] | str | bytes,
    *,
    header: Mapping[str, Any] | str | bytes = HEADER,
    private: PrivateKey = OWN_PRIVATE,
) -> str:
    """A token with a good signature over whatever is in it."""
    content = f"{encode(header)}.{encode(payload)}"
    return f"{content}.{encode(sign(private, content.encode()))}"


def with_claims(**changes: Any) -> dict[str, Any]:
    """The fixed claims with some changed; a claim changed to `...` is left out."""
    return {name: value for name, value in {**PAYLOAD, **changes}.items() if value is not ...}


GOOD: Final = forge(PAYLOAD)
PARTNER_CLAIMS: Final = with_claims(iss=PARTNER)
PARTNER_GOOD: Final = forge(PARTNER_CLAIMS, header=PARTNER_HEADER, private=PARTNER_PRIVATE)

Vector = dict[str, Any]


def accepted(name: str, token: str, *, now: int = NOW) -> Vector:
    return {"name": name, "now": now, "token": token, "refusal": None}


def refused(
    name: str, token: str, because: str, *, refusal: str = "TokenInvalid", now: int = NOW
) -> Vector:
    return {"name": name, "now": now, "token": token, "refusal": refusal, "because": because}
