"""A site's row in the words of `shared.issuers`, and what is wrong with it there."""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from pydantic import ValidationError

from control_plane.issuers.models import Issuer
from shared.faults import describe_faults
from shared.issuers import Ceiling, IssuerEntry, IssuersDocument, parse_issuers
from shared.keyring import KeyInvalid, KeySet, parse_jwks, render_jwks

# RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1
_PRIVATE_MEMBERS: Final = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})


def describe_issuer(issuer: Issuer, video_ids: Iterable[str] = ()) -> IssuerEntry:
    """The entry of a site; raises pydantic's `ValidationError` when it breaks the format."""
    usable = read_keys(issuer)
    return IssuerEntry(
        issuer=issuer.issuer,
        jwks={"keys": [jwk for jwk in list_jwks(issuer) if jwk.get("kid") in usable]},
        ceiling=Ceiling(
            videos=frozenset(video_ids),
            max_life_s=issuer.max_life_s,
            max_height=issuer.max_height,
            max_streams=issuer.max_streams,
            origins=frozenset(issuer.origins) or None,
        ),
    )


def read_keys(issuer: Issuer) -> KeySet:
    """The usable keys of a site, by kid; none at all where there is no such document."""
    try:
        return parse_jwks(render_jwks(list_jwks(issuer)), issuer=issuer.issuer)
    except KeyInvalid:
        return {}


def list_jwks(issuer: Issuer) -> list[dict[str, Any]]:
    """The objects in what was pasted, whatever else is."""
    keys = issuer.jwks.get("keys") if isinstance(issuer.jwks, dict) else None
    return [jwk for jwk in keys if isinstance(jwk, dict)] if isinstance(keys, list) else []


def find_faults(issuer: Issuer) -> list[str]:
    """Why edges would not take a site as it is."""
    if any(_PRIVATE_MEMBERS & jwk.keys() for jwk in list_jwks(issuer)):
        return ["The JWK Set holds a private key: make a new one, and paste public keys only."]
    try:
        document = IssuersDocument(issuers=(describe_issuer(issuer),)).render()
    except ValidationError as error:
        return [describe_faults(error)]
    return list(parse_issuers(document, own=settings.CONFIG.issuer).faults)
