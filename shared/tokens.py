"""The playback token: what it says, how it is signed, how it is judged. This is the format.

A token is a JWT (RFC 7519) in JWS compact form, at most 2048 ASCII characters, that passes
RFC 8725 as `shared.compact_jws` has it: every value in its one spelling, nothing twice.

Header: exactly `alg` (EdDSA; ES256 is verified too), `typ` (vod+jwt) and `kid` (the RFC 7638
thumbprint of the key). The key decides the algorithm and the only `iss` it may speak for.

    iss   who signed                     aud   "edge", or a list holding it
    sub   the viewer                     sid   the playback session; `jti`, if there, is the same
    vid   the video: opens every asset of it, or
    ast   the one asset that it opens; exactly one of the two
    iat   issued at      nbf   not before      exp   expires at: whole unix seconds,
                         exp - iat at most 24 h

Limits, each optional; absent ones are left out, a null refuses the token:

    kinds           what it opens, of video, poster, storyboard, text, key, download;
                    without it everything but download
    max_height      largest rung by its short side in pixels: 720 for 720p
    max_streams     how many sessions the viewer may run at once
    origins         which Origin headers may use it, at least one; a request without one may, too,
    origins_strict  unless this is true
    ip              address prefix of the client without host bits, `192.0.2.0/24`, or one address
    sby             start by: the session must have begun before

Claims of RFC 9246 keep its meaning: `cdniv` is 1 if there; a claim named in `cdnicrit` must be
one of those above; `cdniip` and `cdniuc` narrow a token in ways not offered, so they refuse it.
Other unknown claims are ignored. The clock may be 30 s behind for `nbf` and `iat`, never
for `exp`.

ES256 signatures come in pairs, (r, s) and (r, n - s), so whoever holds such a token can spell it
in a second way. It says the same; nothing may be keyed by a token's text but a cache of claims.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> from shared.keyring import SigningKey, parse_jwks, public_jwk, render_jwks
>>> private = Ed25519PrivateKey.from_private_bytes(bytes(32))
>>> jwk = public_jwk(private.public_key())
>>> key = SigningKey(jwk["kid"], "https://sluice.example", private)
>>> token = issue_token(
...     Claims(issuer="https://sluice.example", subject="u1", session_id="s1",
...            video_id="0198c0de-0000-7000-8000-000000000001",
...            issued_at=1767225600, not_before=1767225600, expires_at=1767229200),
...     key)
>>> token.split(".")[0]
'eyJhbGciOiJFZERTQSIsImtpZCI6IjlaUDAzTnU4R3JYUEFVa2JLTnhIT0tCenhQWDgzU1NoZ0ZrUk5LLWYybHciLCJ0eXAiOiJ2b2Qrand0In0'
>>> keys = parse_jwks(render_jwks([jwk]), issuer="https://sluice.example")
>>> verify_token(token, keys).subject
'u1'
"""

import json
import re
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

import jwt
from jwt.algorithms import ECAlgorithm, OKPAlgorithm
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from shared.compact_jws import JwsInvalid, parse_object, split_compact
from shared.faults import describe_faults
from shared.keyring import Algorithm, KeySet, SigningKey, VerifyingKey
from shared.paths import Kind, check_id

TOKEN_TYPE: Final = "vod+jwt"  # noqa: S105  (a media type, not a secret)
AUDIENCE: Final = "edge"
MAX_TOKEN_LENGTH: Final = 2048
MAX_TOKEN_LIFE: Final = 24 * 3600
CLOCK_SKEW: Final = 30
LISTING_SUBJECT: Final = "listing"

DEFAULT_KINDS: Final = frozenset(Kind) - {Kind.DOWNLOAD}

_HEADER_MEMBERS: Final = {"alg", "typ", "kid"}
_PREFIX: Final = re.compile(r"[0-9A-Fa-f.:]+(?:/\d{1,3})?", re.ASCII)
_ORIGIN: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])"
    r"(?P<port>:[1-9]\d{0,4})?",
    re.ASCII,
)
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_UNSUPPORTED_LIMITS: Final = ("cdniip", "cdniuc")
_JWS: Final = jwt.PyJWS(algorithms=[Algorithm.EDDSA.value])
# PyJWT's own parsing, stricter here, would take as long again as the signature does.
_VERIFIERS: Final = {
    Algorithm.EDDSA: OKPAlgorithm(),
    Algorithm.ES256: ECAlgorithm(ECAlgorithm.SHA256),
}


class TokenError(ValueError):
    """Anything that makes a token no good."""


class TokenInvalid(TokenError):
    """Not a token of a known issuer, or not well formed; the reason is for the log only."""


class KeyUnknown(TokenInvalid):
    """The token names a key that is not in the key set; a newer key set may hold it."""


class TokenExpired(TokenError):
    """A good token whose time is over."""


def _check_prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise ValueError("not an address prefix")  # netmasks and zones would parse
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError("an IPv4 prefix is written as one")
    return str(network)


def _check_origin(text: str) -> str:
    """The origin as browsers send it (RFC 6454 section 6.2): lower case, no default port."""
    origin = text.lower()
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        raise ValueError("not an origin")
    if match["port"] is not None and match["port"] == _DEFAULT_PORTS.get(match["scheme"]):
        return origin.removesuffix(match["port"])
    return origin


def _choose_audience(audience: Any) -> Any:
    """Of a list of audiences (RFC 7519 section 4.1.3) the one that is ours."""
    if isinstance(audience, list) and AUDIENCE in audience:
        if not all(isinstance(one, str) for one in audience):
            raise ValueError("not a list of strings")
        return AUDIENCE
    return audience


Timestamp: TypeAlias = Annotated[int, Field(ge=0)]
Name: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]
Audience: TypeAlias = Annotated[Literal["edge"], BeforeValidator(_choose_audience)]
Identifier: TypeAlias = Annotated[str, AfterValidator(check_id)]
Kinds: TypeAlias = Annotated[frozenset[Kind], Field(min_length=1)]
Prefix: TypeAlias = Annotated[str, AfterValidator(_check_prefix)]
Origin: TypeAlias = Annotated[str, Field(max_length=256), AfterValidator(_check_origin)]


class Claims(BaseModel):
    """What a token says. Times are unix seconds; `max_height` is a short side in pixels."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", validate_by_name=True, validate_by_alias=True
    )

    issuer: Annotated[Name, Field(alias="iss")]
    audience: Annotated[Audience, Field(alias="aud")] = AUDIENCE
    subject: Annotated[Name, Field(alias="sub")]
    session_id: Annotated[Name, Field(alias="sid")]
    video_id: Annotated[Identifier | None, Field(alias="vid")] = None
    asset_id: Annotated[Identifier | None, Field(alias="ast")] = None
    issued_at: Annotated[Timestamp, Field(alias="iat")]
    not_before: Annotated[Timestamp, Field(alias="nbf")]
    expires_at: Annotated[Timestamp, Field(alias="exp")]
    kinds: Kinds = DEFAULT_KINDS
    max_height: Annotated[int, Field(gt=0)] | None = None
    max_streams: Annotated[int, Field(gt=0)] | None = None
    origins: Annotated[tuple[Origin, ...], Field(min_length=1)] | None = None
    origins_strict: bool = False
    ip: Prefix | None = None
    start_by: Annotated[Timestamp | None, Field(alias="sby")] = None

    @model_validator(mode="after")
    def _check_claims(self) -> Self:
        if (self.video_id is None) == (self.asset_id is None):
            raise ValueError("exactly one of vid and ast")
        if self.expires_at - self.issued_at > MAX_TOKEN_LIFE:
            raise ValueError("lives longer than any token may")
        if self.expires_at <= max(self.not_before, self.issued_at):
            raise ValueError("expires before it begins")
        if self.origins_strict and self.origins is None:
            raise ValueError("origins_strict without origins")
        return self

    @cached_property
    def network(self) -> IPv4Network | IPv6Network | None:
        """The address prefix that `ip` names."""
        return None if self.ip is None else ip_network(self.ip)


def issue_token(claims: Claims, key: SigningKey) -> str:
    """Sign claims. Equal claims and key give equal tokens (Ed25519 is deterministic).

    Raises `TokenInvalid` when the key speaks for another issuer or the token grows too long.
    """
    if claims.issuer != key.issuer:
        raise TokenInvalid("a key signs for its own issuer only")
    headers = {"typ": TOKEN_TYPE, "kid": key.kid}
    payload = json.dumps(_payload(claims), separators=(",", ":")).encode()
    token = _JWS.encode(payload, key.private, Algorithm.EDDSA.value, headers, sort_headers=True)
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenInvalid("longer than any token may be")
    return token


def _payload(claims: Claims) -> dict[str, Any]:
    payload = claims.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    payload |= {"aud": AUDIENCE, "jti": claims.session_id}
    if "kinds" in payload:
        payload["kinds"] = sorted(payload["kinds"])
    return dict(sorted(payload.items()))


def verify_token(token: str, keys: KeySet) -> Claims:
    """Judge everything about a token but the clock, cheap checks first.

    Raises `KeyUnknown` when no key has its `kid`, `TokenInvalid` for every other fault.
    The result may be kept for as long as the key is trusted; see `check_clock` for the rest.
    """
    return judge_token(token, keys)[0]


def judge_token(token: str, keys: KeySet) -> tuple[Claims, VerifyingKey]:
    """As `verify_token`, and the key that signed."""
    header, payload, signature = _read(token)
    key = _choose_key(header, keys)
    signed = token.rpartition(".")[0].encode()
    if not _VERIFIERS[key.algorithm].verify(signed, key.public, signature):
        raise TokenInvalid("signature: Signature verification failed")
    return _read_claims(payload, issuer=key.issuer), key


def check_clock(claims: Claims, *, now: int) -> None:
    """Raise `TokenExpired`, or `TokenInvalid` for a token of the future."""
    if now >= claims.expires_at:
        raise TokenExpired(f"expired {now - claims.expires_at} s ago")
    if now < find_beginning(claims):
        raise TokenInvalid("not valid yet")


def find_beginning(claims: Claims) -> int:
    """The first second at which a token is valid on a clock that may be behind."""
    return max(claims.not_before, claims.issued_at) - CLOCK_SKEW


def _read(token: str) -> tuple[dict[str, Any], bytes, bytes]:
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenInvalid("too long")
    try:
        header, payload, signature = split_compact(token)
        return parse_object(header), payload, signature
    except JwsInvalid as error:
        raise TokenInvalid(str(error)) from error


def _choose_key(header: dict[str, Any], keys: KeySet) -> VerifyingKey:
    if header.keys() != _HEADER_MEMBERS or header["typ"] != TOKEN_TYPE:
        raise TokenInvalid("header: exactly alg, kid and typ vod+jwt")
    kid, algorithm = header["kid"], header["alg"]
    if not isinstance(kid, str):
        raise TokenInvalid("a kid that is no string")
    key = keys.get(kid)
    if key is None:
        raise KeyUnknown(f"unknown kid {kid[:64]!r}")
    if algorithm != key.algorithm.value:
        raise TokenInvalid("an alg that is not the key's")
    return key


def _read_claims(payload: bytes, *, issuer: str) -> Claims:
    try:
        members = parse_object(payload)
    except JwsInvalid as error:
        raise TokenInvalid(str(error)) from error
    _check_members(members)
    try:
        claims = Claims.model_validate_json(payload, by_alias=True, by_name=False)
    except ValidationError as error:
        raise TokenInvalid(f"claims: {describe_faults(error)}") from error
    if claims.issuer != issuer:
        raise TokenInvalid("an iss that is not the key's")
    if members.get("jti", claims.session_id) != claims.session_id:
        raise TokenInvalid("jti and sid differ")
    return claims


_UNDERSTOOD: Final = frozenset(
    {field.alias or name for name, field in Claims.model_fields.items()} | {"jti", "cdniv"}
)


def _check_members(members: dict[str, Any]) -> None:
    """What the types cannot say: absence, nulls, and the claims of RFC 9246 section 2.1."""
    if "aud" not in members:
        raise TokenInvalid("aud is missing")
    if any(members.get(name, "") is None for name in _UNDERSTOOD):
        raise TokenInvalid("a claim that is null")
    version = members.get("cdniv", 1)
    if version != 1 or isinstance(version, bool):
        raise TokenInvalid("an unknown version of RFC 9246 claims")
    critical = members.get("cdnicrit", "exp")
    if not isinstance(critical, str) or not _UNDERSTOOD.issuperset(critical.split(",")):
        raise TokenInvalid("a critical claim that is not understood")
    if any(name in members for name in _UNSUPPORTED_LIMITS):
        raise TokenInvalid("a limit that is not offered")
