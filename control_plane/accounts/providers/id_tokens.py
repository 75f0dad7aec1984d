"""ID tokens: what a provider signs about somebody (OpenID Connect Core 1.0, section 3.1.3.7)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

# Those with a public key: what anybody can make from it is no signature.
_ALGORITHMS: Final = frozenset(
    {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {"EdDSA"}
)
_REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat")
# How far the clocks of provider and server may be apart.
_LEEWAY_S: Final = 60


def derive_nonce(code_verifier: str) -> str:
    """The nonce of a log-in. Whoever sees it, in an address, does not know the verifier by it."""
    digest = hashlib.sha256(b"nonce " + code_verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def read_id_token(token: Any, keys: Any, *, issuer: str, client_id: str) -> Mapping[str, Any]:
    """The claims of a token that this provider signed for this site and that is good now.

    `keys` is the provider's JWK Set. Raises `OAuth2Error`.
    """
    if not isinstance(token, str):
        raise OAuth2Error("There is no ID token.")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _choose_key(token, keys),
            algorithms=sorted(_ALGORITHMS),
            issuer=issuer,
            audience=client_id,
            leeway=_LEEWAY_S,
            options={"require": list(_REQUIRED)},
        )
    except (jwt.PyJWTError, AttributeError, TypeError, ValueError) as error:
        raise OAuth2Error("The ID token is not good.") from error
    return claims


def _choose_key(token: str, keys: Any) -> jwt.PyJWK:
    """The key that the token names; of a provider with one key, that."""
    usable = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.algorithm_name in _ALGORITHMS]
    kid = jwt.get_unverified_header(token).get("kid")
    named = [key for key in usable if key.key_id == kid]
    if not named and (kid is not None or len(usable) != 1):
        raise OAuth2Error("The ID token is signed by a key that the provider does not have.")
    return (named or usable)[0]
