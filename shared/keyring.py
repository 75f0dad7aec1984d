"""Keys that sign and verify tokens, their rotation, and the JWKS document that publishes them.

A key is named by its RFC 7638 thumbprint (`kid`), bound to one algorithm and to one issuer.
A signing key's life has three stages:

    next      published, so that every edge has it before it signs
    current   signs
    retired   verifies only, until no token it signed can be alive

A JWK Set may hold keys that are not for this: other key types, other algorithms or uses, a `kid`
that is no thumbprint. They are passed over (RFC 7517 section 5), so that what an issuer adds to
its document cannot take playback down; a document without any usable key is refused whole.

>>> jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
>>> thumbprint(jwk)
'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias

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
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.base64url import decode_base64url, encode_base64url
from shared.faults import describe_faults

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


def _check_coordinate(text: str) -> str:
    """All 32 octets of it, leading zeros too (RFC 7518 section 6.2.1.2, RFC 8037 section 2)."""
    if len(decode_base64url(text)) != 32:
        raise ValueError("not 32 octets")
    return text


Coordinate: TypeAlias = Annotated[str, AfterValidator(_check_coordinate)]


class _Jwk(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    kid: str
    x: Coordinate
    use: Literal["sig"]
    d: None = None  # a published private half is nobody's signature


class _OctetKeyPair(_Jwk):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]


class _EllipticCurve(_Jwk):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    alg: Literal["ES256"]
    y: Coordinate


_UsableJwk: TypeAlias = Annotated[_OctetKeyPair | _EllipticCurve, Field(discriminator="kty")]
_USABLE_JWK: Final[TypeAdapter[_OctetKeyPair | _EllipticCurve]] = TypeAdapter(_UsableJwk)


class _Jwks(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    keys: Annotated[list[Any], Field(max_length=MAX_KEYS)]


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
    bare = {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(raw)}
    return {**bare, "kid": thumbprint(bare), "alg": Algorithm.EDDSA.value, "use": "sig"}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The RFC 7638 SHA-256 thumbprint of an OKP or EC public key."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    canonical = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"))
    return encode_base64url(hashlib.sha256(canonical.encode()).digest())


def render_jwks(jwks: Iterable[Mapping[str, str]]) -> bytes:
    """A JWK Set (RFC 7517 section 5) as compact JSON."""
    return json.dumps({"keys": [dict(jwk) for jwk in jwks]}, separators=(",", ":")).encode()


def parse_jwks(document: bytes, *, issuer: str) -> dict[str, VerifyingKey]:
    """The usable keys of a JWK Set by `kid`, each speaking for `issuer`.

    Usable is an Ed25519 or P-256 public key with `kid` (its own thumbprint), `alg` and `use: sig`;
    others are passed over. Raises `KeyInvalid` for what is no JWK Set, and when no key is usable.
    """
    try:
        jwks = _Jwks.model_validate_json(document)
    except ValidationError as error:
        raise KeyInvalid(f"not a JWK Set: {describe_faults(error)}") from error
    keys = {key.kid: key for raw in jwks.keys if (key := _read_key(raw, issuer)) is not None}
    if not keys:
        raise KeyInvalid("a JWK Set without a usable key")
    return keys


def _read_key(raw: Any, issuer: str) -> VerifyingKey | None:
    try:
        jwk = _USABLE_JWK.validate_python(raw)
        public = _public_key(jwk)
    except ValueError:
        return None
    if jwk.kid != thumbprint(jwk.model_dump(include={"kty", "crv", "x", "y"})):
        return None
    return VerifyingKey(jwk.kid, issuer, Algorithm(jwk.alg), public)


def _public_key(jwk: _OctetKeyPair | _EllipticCurve) -> PublicKey:
    """Raises `ValueError` where the coordinates are no point of the curve."""
    if isinstance(jwk, _OctetKeyPair):
        return Ed25519PublicKey.from_public_bytes(decode_base64url(jwk.x))
    x, y = (int.from_bytes(decode_base64url(text), "big") for text in (jwk.x, jwk.y))
    return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()


def rotate(lives: Iterable[KeyLife], *, newcomer: str, now: int) -> list[KeyLife]:
    """Bring `newcomer` in: next signs, current retires, the newcomer becomes next.

    Where no key is next, the current one goes on signing while the newcomer is published: a key
    signs only after every edge could learn of it. Where no key can sign, the newcomer does at
    once; that is the first key of all, or the first after all were lost.
    """
    before = list(lives)
    stages = {life.stage for life in before}
    moved = [_advance(life, now) for life in before] if Stage.NEXT in stages else before
    signs = bool(stages & {Stage.NEXT, Stage.CURRENT})
    return [*moved, KeyLife(newcomer, Stage.NEXT if signs else Stage.CURRENT, now)]


def _advance(life: KeyLife, now: int) -> KeyLife:
    following = {Stage.NEXT: Stage.CURRENT, Stage.CURRENT: Stage.RETIRED}
    if life.stage not in following:
        return life
    return replace(life, stage=following[life.stage], since=now)


def is_expired(life: KeyLife, *, max_token_life: int, now: int) -> bool:
    """Whether no token signed with this key can still be alive, so that it may be forgotten.

    `max_token_life` includes how late a signer may hear that the key is retired.
    """
    return life.stage is Stage.RETIRED and now > life.since + max_token_life
