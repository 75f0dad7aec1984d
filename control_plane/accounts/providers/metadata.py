"""What an OpenID Connect provider says of itself (OpenID Connect Discovery 1.0), and what of it is
believed."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.socialaccount.providers.oauth2.client import OAuth2Error

_PLACE: Final = "/.well-known/openid-configuration"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def place_metadata(issuer: str) -> str:
    """The URL of an issuer's metadata (section 4)."""
    return f"{issuer}{_PLACE}"


def check_metadata(metadata: Any, issuer: str) -> Mapping[str, Any]:
    """Metadata that is the issuer's own (section 4.3) and leads nowhere without TLS, but to the
    server that gave it. Raises `OAuth2Error`."""
    if not isinstance(metadata, dict) or metadata.get("issuer") not in (issuer, f"{issuer}/"):
        raise OAuth2Error(f"The metadata of {issuer} is another issuer's.")
    named = [*_ENDPOINTS, *(("userinfo_endpoint",) if "userinfo_endpoint" in metadata else ())]
    for name in named:
        if not _is_safe(metadata.get(name), issuer):
            raise OAuth2Error(f"The metadata of {issuer} names no {name} that can be used.")
    return metadata


def _is_safe(url: Any, issuer: str) -> bool:
    if not isinstance(url, str):
        return False
    there, here = urlsplit(url), urlsplit(issuer)
    return there.scheme == "https" or there[:2] == here[:2]
