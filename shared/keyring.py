"""Keys that sign and verify tokens, their rotation, and the JWKS document that publishes them.

A key is named by its RFC 7638 thumbprint (`kid`), bound to one algorithm and to one issuer.
A signing key's life has three stages:

    next      published, so that every edge has it before it signs
    current   signs
    retired   verifies only, until no token it signed can be alive

>>> jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
>>> thumbprint(jwk)
'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

PublicKey: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey

MAX_KEYS: Final = 64


class KeyInvalid(ValueError):
    """Key material, or a JWKS document, that cannot be used."""


class Algorithm(StrEnum):
    """The signature algorithms a token may name (RFC 8037, RFC 7518 section 3.4)."""

    EDDSA = "EdDSA"
    ES256 = "ES256"


class Stage(StrEnum):
    """Where a signing key stands in its life."""

    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs for one issuer; always Ed25519."""

    kid: str
    issuer: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key, the one algorithm it may be used with and the one issuer it speaks for."""

    kid: str
    issuer: str
    algorithm: Algorithm
    public: PublicKey


KeySet: TypeAlias = Mapping[str, VerifyingKey]


@dataclass(frozen=True, slots=True)
class KeyLife:
    """A signing key's stage; `since` is when it entered it, in unix seconds."""

    kid: str
    stage: Stage
    since: int


class _Jwk(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    kid: str
    x: str
    use: Literal["sig"]


class _OctetKeyPair(_Jwk):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]


class _EllipticCurve(_Jwk):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    alg: Literal["ES256"]
    y: str


_AnyJwk: TypeAlias = Annotated[_OctetKeyPair | _EllipticCurve, Field(discriminator="kty")]


class _Jwks(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    keys: Annotated[list[_AnyJwk], Field(max_length=MAX_KEYS)]


def load_signing_key(pem: bytes, *, issuer: str) -> SigningKey:
    """Read an unencrypted PKCS #8 PEM; raise `KeyInvalid` unless it is an Ed25519 key."""
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyInvalid("not a private key in PEM form") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyInvalid("not an Ed25519 key")
    return SigningKey(thumbprint(public_jwk(private.public_key())), issuer, private)


def public_jwk(public: Ed25519PublicKey) -> dict[str, str]:
    """The JWK of a public key as RFC 8037 has it, named and bound to its use."""
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    bare = {"kty": "OKP", "crv": "Ed25519", "x": _encode(raw)}
    return {**bare, "kid": thumbprint(bare), "alg": Algorithm.EDDSA.value, "use": "sig"}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The RFC 7638 SHA-256 thumbprint of an OKP or EC public key."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    canonical = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"))
    return _encode(hashlib.sha256(canonical.encode()).digest())


def render_jwks(jwks: Iterable[Mapping[str, str]]) -> bytes:
    """A JWK Set (RFC 7517 section 5) as compact JSON."""
    return json.dumps({"keys": [dict(jwk) for jwk in jwks]}, separators=(",", ":")).encode()


def parse_jwks(document: bytes, *, issuer: str) -> dict[str, VerifyingKey]:
    """The keys of a JWK Set by `kid`, each speaking for `issuer`.

    Every key must carry `kid` (its own thumbprint), `alg` and `use: sig`; one bad key spoils
    the document. Raises `KeyInvalid`.
    """
    try:
        jwks = _Jwks.model_validate_json(document)
    except ValidationError as error:
        raise KeyInvalid(f"not a JWK Set of signature keys: {error}") from error
    keys = [_verifying_key(jwk, issuer) for jwk in jwks.keys]
    by_kid = {key.kid: key for key in keys}
    if len(by_kid) != len(keys):
        raise KeyInvalid("two keys of one kid")
    return by_kid


def _verifying_key(jwk: _OctetKeyPair | _EllipticCurve, issuer: str) -> VerifyingKey:
    if jwk.kid != thumbprint(jwk.model_dump(include={"kty", "crv", "x", "y"})):
        raise KeyInvalid("a kid that is not the key's thumbprint")
    try:
        public = _public_key(jwk)
    except ValueError as error:
        raise KeyInvalid(f"unusable key {jwk.kid}: {error}") from error
    return VerifyingKey(jwk.kid, issuer, Algorithm(jwk.alg), public)


def _public_key(jwk: _OctetKeyPair | _EllipticCurve) -> PublicKey:
    if isinstance(jwk, _OctetKeyPair):
        return Ed25519PublicKey.from_public_bytes(_decode(jwk.x))
    x, y = (int.from_bytes(_decode(text), "big") for text in (jwk.x, jwk.y))
    return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()


def rotate(lives: Iterable[KeyLife], *, newcomer: str, now: int) -> list[KeyLife]:
    """Move every key one stage on: next signs, current retires, `newcomer` becomes next.

    With no next key the newcomer signs at once; that is right only for the first key of all,
    or after every key was lost.
    """
    following = {Stage.NEXT: Stage.CURRENT, Stage.CURRENT: Stage.RETIRED}
    moved = [
        replace(life, stage=following[life.stage], since=now) if life.stage in following else life
        for life in lives
    ]
    signs = any(life.stage is Stage.CURRENT for life in moved)
    stage = Stage.NEXT if signs else Stage.CURRENT
    return [*moved, KeyLife(newcomer, stage, now)]


def is_expired(life: KeyLife, *, max_token_life: int, now: int) -> bool:
    """Whether no token signed with this key can still be alive, so that it may be forgotten."""
    return life.stage is Stage.RETIRED and now > life.since + max_token_life


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
