"""Tests for control_plane/accounts/providers/id_tokens.py: which ID tokens are good."""

from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from control_plane.accounts.providers.id_tokens import derive_nonce, read_id_token
from tests.openid_provider import CLIENT_ID, OpenIdServer, own_key

PROVIDER = OpenIdServer(url="https://id.example")


def read(token: Any, keys: Any = None) -> Mapping[str, Any]:
    found = PROVIDER.list_keys() if keys is None else keys
    return read_id_token(token, found, issuer=PROVIDER.url, client_id=CLIENT_ID)


def test_a_good_token_tells_who_it_is() -> None:
    assert read(PROVIDER.sign())["sub"] == PROVIDER.person["sub"]
    assert read(PROVIDER.sign(aud=["another", CLIENT_ID]))["email"] == PROVIDER.person["email"]


def test_clocks_may_differ_by_a_minute() -> None:
    claims = read(PROVIDER.sign())
    assert read(PROVIDER.sign(iat=claims["iat"] + 30, exp=claims["iat"] - 30))


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": ["another"]},
        {"aud": None},
        {"iss": None},
        {"iss": "https://id.example/"},
        {"exp": 1_000_000_000},
        {"iat": None},
        {"iat": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"sub": 7},
    ],
    ids=str,
)
def test_claims_that_will_not_do_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OAuth2Error):
        read(PROVIDER.sign(**wrong))


@pytest.mark.parametrize("token", [None, 7, "", "a.b.c", b"bytes", {}], ids=repr)
def test_what_is_no_token_is_refused(token: Any) -> None:
    with pytest.raises(OAuth2Error):
        read(token)


@pytest.mark.parametrize(
    "keys", [{}, [], {"keys": []}, {"keys": [{}]}, {"keys": [{"kty": "oct", "k": "AAAA"}]}], ids=str
)
def test_without_a_key_nothing_is_believed(keys: Any) -> None:
    with pytest.raises(OAuth2Error):
        read(PROVIDER.sign(), keys)


def test_a_public_key_is_no_secret() -> None:
    """A token whose signature is made of what everybody may read."""
    secret = "x" * 64
    oct_key = {"kty": "oct", "k": jwt.utils.base64url_encode(secret.encode()).decode()}
    forged = PROVIDER.sign(key=secret, algorithm="HS256")
    for keys in ({"keys": [{**oct_key, "kid": "the one"}]}, {"keys": [oct_key]}):
        with pytest.raises(OAuth2Error):
            read(forged, keys)


def test_a_key_without_a_name_is_taken_where_it_is_the_only_one() -> None:
    public = RSAAlgorithm.to_jwk(own_key().public_key(), as_dict=True)
    claims = read(PROVIDER.sign())
    nameless = jwt.encode(dict(claims), own_key(), "RS256")
    assert read(nameless, {"keys": [public]}) == claims
    with pytest.raises(OAuth2Error):
        read(nameless, {"keys": [{**public, "kid": "a"}, {**public, "kid": "b"}]})


def test_elliptic_curves_are_known() -> None:
    key = generate_private_key(SECP256R1())
    public = {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "the one"}
    token = PROVIDER.sign(key=key, algorithm="ES256")
    assert read(token, {"keys": [public]})["sub"] == PROVIDER.person["sub"]


def test_a_nonce_is_its_verifiers_own() -> None:
    assert derive_nonce("one") == derive_nonce("one") != derive_nonce("another")
    assert len(derive_nonce("one")) == 43
