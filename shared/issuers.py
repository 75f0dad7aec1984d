"""Other sites that sign tokens for their own members, and how far each of them may go.

The control plane publishes one document beside its JWK Set; edges fetch both. For every issuer it
holds the `iss`, its public keys, and a ceiling that narrows what its tokens say:

    videos        the ids of the videos that it may open; courses are written out
    max_life_s    a token that lives longer is refused
    max_height    tokens open rungs up to this one, whatever they say
    max_streams   likewise for streams of one viewer
    origins       a token without `origins` gets these, another keeps those among them

Absent limits are left out; `videos` and `max_life_s` must be there. An entry that breaks the format
is passed over, so that one site's mistake does not keep the others from playing.

>>> document = b'{"issuers": []}'
>>> parse_issuers(document, own="https://sluice.example").issuers
()
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from shared.faults import describe_faults
from shared.keyring import KeyInvalid, KeySet, parse_jwks
from shared.paths import check_id
from shared.tokens import MAX_TOKEN_LIFE, Claims, Name, Origin, TokenInvalid

MAX_ISSUERS: Final = 256
ISSUERS_DOCUMENT: Final = "issuers.json"
"""Its name beside `jwks.json`."""


class IssuersInvalid(ValueError):
    """A document that cannot be used at all."""


class Ceiling(BaseModel):
    """How far an issuer may go."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    videos: frozenset[Annotated[str, AfterValidator(check_id)]]
    max_life_s: Annotated[int, Field(gt=0, le=MAX_TOKEN_LIFE)]
    max_height: Annotated[int, Field(gt=0)] | None = None
    max_streams: Annotated[int, Field(gt=0)] | None = None
    origins: Annotated[frozenset[Origin], Field(min_length=1)] | None = None


class IssuerEntry(BaseModel):
    """One issuer as the document has it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    issuer: Name
    jwks: dict[str, Any]
    ceiling: Ceiling


class IssuersDocument(BaseModel):
    """The document as the control plane writes it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    issuers: Annotated[tuple[IssuerEntry, ...], Field(max_length=MAX_ISSUERS)]

    def render(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    issuers: Annotated[list[Any], Field(max_length=MAX_ISSUERS)]


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """Another site: its keys by kid, and its ceiling."""

    issuer: str
    keys: KeySet
    ceiling: Ceiling


@dataclass(frozen=True, slots=True)
class Issuers:
    """What a document came to; `faults` says in a line each what was passed over."""

    issuers: tuple[TrustedIssuer, ...]
    faults: tuple[str, ...]


def parse_issuers(document: bytes, *, own: str) -> Issuers:
    """Read a document. `own` is this deployment's `iss`, for which no other site may speak.

    Raises `IssuersInvalid` for what is no such document.
    """
    try:
        entries = _Envelope.model_validate_json(document).issuers
    except ValidationError as error:
        raise IssuersInvalid(describe_faults(error)) from error
    good: dict[str, TrustedIssuer] = {}
    faults = []
    for number, raw in enumerate(entries):
        try:
            trusted = _read_entry(raw, taken={own, *good})
        except (IssuersInvalid, KeyInvalid) as error:
            faults.append(f"issuer {number}: {error}")
        else:
            good[trusted.issuer] = trusted
    return Issuers(tuple(good.values()), tuple(faults))


def _read_entry(raw: Any, *, taken: set[str]) -> TrustedIssuer:
    try:
        entry = IssuerEntry.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        raise IssuersInvalid(describe_faults(error)) from error
    if entry.issuer in taken:
        raise IssuersInvalid("an iss that is taken")
    keys = parse_jwks(json.dumps(entry.jwks).encode(), issuer=entry.issuer)
    return TrustedIssuer(entry.issuer, keys, entry.ceiling)


def join_keys(own: KeySet, others: Iterable[TrustedIssuer]) -> KeySet:
    """All keys by kid. Whoever comes first keeps a kid: a site that publishes another's public key
    as its own can sign nothing with it, and must not displace it either."""
    joined = dict(own)
    for issuer in others:
        for kid, key in issuer.keys.items():
            joined.setdefault(kid, key)
    return joined


def narrow_claims(claims: Claims, ceiling: Ceiling) -> Claims:
    """The claims as far as their issuer may go; raise `TokenInvalid` where nothing is left.

    A token for one asset is narrowed to `videos` by the gate, which knows the asset's video.
    """
    if claims.video_id is not None and claims.video_id not in ceiling.videos:
        raise TokenInvalid("a video that its issuer may not open")
    if claims.expires_at - claims.issued_at > ceiling.max_life_s:
        raise TokenInvalid("lives longer than its issuer's tokens may")
    limits = {
        "max_height": _lower(claims.max_height, ceiling.max_height),
        "max_streams": _lower(claims.max_streams, ceiling.max_streams),
        "origins": _narrow_origins(claims.origins, ceiling.origins),
    }
    return claims.model_copy(update=limits)


def _lower(said: int | None, ceiling: int | None) -> int | None:
    return min((limit for limit in (said, ceiling) if limit is not None), default=None)


def _narrow_origins(
    said: tuple[str, ...] | None, ceiling: frozenset[str] | None
) -> tuple[str, ...] | None:
    if ceiling is None:
        return said
    left = tuple(sorted(ceiling if said is None else ceiling.intersection(said)))
    if not left:
        raise TokenInvalid("origins that its issuer may not name")
    return left
