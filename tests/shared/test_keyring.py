"""Keys: which ones a JWK Set gives, and how they rotate."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from shared.keyring import (
    MAX_KEYS,
    Algorithm,
    KeyInvalid,
    KeyLife,
    Stage,
    is_expired,
    load_signing_key,
    parse_jwks,
    public_jwk,
    render_jwks,
    rotate,
    thumbprint,
)
from tests.vectors.token_material import (
    ISSUER,
    OWN_JWK,
    OWN_KEY,
    OWN_PRIVATE,
    PARTNER_JWK,
    PARTNER_PRIVATE,
    STRANGER_JWK,
    PrivateKey,
)

DAY = 24 * 3600


def pem_of(private: PrivateKey, *, password: bytes | None = None) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )


def test_signing_key_is_named_by_its_thumbprint() -> None:
    key = load_signing_key(pem_of(OWN_PRIVATE), issuer=ISSUER)
    assert (key.kid, key.issuer) == (OWN_JWK["kid"], ISSUER)
    assert key.private.private_bytes_raw() == OWN_PRIVATE.private_bytes_raw()


def test_private_half_is_not_in_the_signing_keys_text() -> None:
    assert OWN_PRIVATE.private_bytes_raw().hex() not in repr(OWN_KEY)


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", id="torn"),
        pytest.param(pem_of(PARTNER_PRIVATE), id="a P-256 key"),
        pytest.param(pem_of(OWN_PRIVATE, password=b"secret"), id="encrypted"),
    ],
)
def test_other_key_material_does_not_sign(pem: bytes) -> None:
    with pytest.raises(KeyInvalid):
        load_signing_key(pem, issuer=ISSUER)


def test_thumbprint_is_that_of_rfc_8037() -> None:
    """RFC 8037 appendix A.3."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_rendered_keys_parse_to_themselves() -> None:
    keys = parse_jwks(render_jwks([OWN_JWK, PARTNER_JWK]), issuer=ISSUER)
    own, partner = keys[OWN_JWK["kid"]], keys[PARTNER_JWK["kid"]]
    assert (own.algorithm, own.issuer) == (Algorithm.EDDSA, ISSUER)
    assert (partner.algorithm, partner.issuer) == (Algorithm.ES256, ISSUER)
    assert isinstance(own.public, ed25519.Ed25519PublicKey)
    assert isinstance(partner.public, ec.EllipticCurvePublicKey)
    assert public_jwk(own.public) == OWN_JWK


def renamed(jwk: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A changed key whose `kid` fits again; a member changed to `...` is left out."""
    changed = {name: value for name, value in {**jwk, **changes}.items() if value is not ...}
    return {**changed, "kid": thumbprint(changed)}


X, EC_X, EC_Y = OWN_JWK["x"], PARTNER_JWK["x"], PARTNER_JWK["y"]
UNUSABLE: dict[str, Any] = {
    "RSA": {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r", "alg": "RS256", "use": "sig"},
    "symmetric": {"kty": "oct", "k": "AAAA", "kid": "o", "alg": "HS256", "use": "sig"},
    "unknown type": {"kty": "ML-DSA", "kid": "m"},
    "no type": {"kid": "x"},
    "no object": "key",
    "null": None,
    "Ed448": renamed(OWN_JWK, crv="Ed448"),
    "X25519": renamed(OWN_JWK, crv="X25519"),
    "P-384": renamed(PARTNER_JWK, crv="P-384", alg="ES384"),
    "another alg": {**OWN_JWK, "alg": "ES256"},
    "alg none": {**OWN_JWK, "alg": "none"},
    "no alg": renamed({name: value for name, value in OWN_JWK.items() if name != "alg"}),
    "for encryption": {**OWN_JWK, "use": "enc"},
    "no use": {name: value for name, value in OWN_JWK.items() if name != "use"},
    "no kid": {name: value for name, value in OWN_JWK.items() if name != "kid"},
    "a kid of its own choice": {**OWN_JWK, "kid": "2026-01"},
    "the kid of another key": {**STRANGER_JWK, "kid": OWN_JWK["kid"]},
    "a private half": {**OWN_JWK, "d": "AAAA"},
    "a short coordinate": renamed(OWN_JWK, x=X[:42]),
    "a padded coordinate": renamed(OWN_JWK, x=X + "="),
    "a coordinate in another spelling": renamed(OWN_JWK, x=X[:-1] + "h"),
    "no point of the curve": renamed(PARTNER_JWK, x=EC_Y, y=EC_X),
    "a stripped coordinate": renamed(PARTNER_JWK, y=EC_Y[:40]),
    "a number as coordinate": {**OWN_JWK, "x": 1},
}


@pytest.mark.parametrize("jwk", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_key_is_passed_over_and_spoils_no_other(jwk: Any) -> None:
    document = json.dumps({"keys": [jwk, PARTNER_JWK]}).encode()
    assert list(parse_jwks(document, issuer=ISSUER)) == [PARTNER_JWK["kid"]]


@pytest.mark.parametrize("jwk", UNUSABLE.values(), ids=UNUSABLE)
def test_set_without_a_usable_key_is_refused(jwk: Any) -> None:
    """So that the last good copy stays in use."""
    with pytest.raises(KeyInvalid, match="without a usable key"):
        parse_jwks(json.dumps({"keys": [jwk]}).encode(), issuer=ISSUER)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>", id="a page"),
        pytest.param(b"[]", id="array"),
        pytest.param(b"{}", id="no keys"),
        pytest.param(b'{"keys": {}}', id="keys an object"),
        pytest.param(b'{"keys": [], "keys\xff": 1}', id="not UTF-8"),
        pytest.param(json.dumps({"keys": [OWN_JWK] * (MAX_KEYS + 1)}).encode(), id="endless"),
    ],
)
def test_other_document_is_no_jwk_set(document: bytes) -> None:
    with pytest.raises(KeyInvalid, match="not a JWK Set"):
        parse_jwks(document, issuer=ISSUER)


def test_key_listed_twice_is_one_key() -> None:
    assert len(parse_jwks(render_jwks([OWN_JWK, OWN_JWK]), issuer=ISSUER)) == 1


def test_members_that_are_not_known_are_passed_over() -> None:
    jwk = {**OWN_JWK, "x5t": "AAAA", "key_ops": ["verify"], "iat": 1}
    document = json.dumps({"keys": [jwk], "refresh": 60}).encode()
    assert list(parse_jwks(document, issuer=ISSUER)) == [OWN_JWK["kid"]]


def test_first_key_signs_at_once() -> None:
    assert rotate([], newcomer="a", now=10) == [KeyLife("a", Stage.CURRENT, 10)]


def test_second_key_waits_while_the_first_signs() -> None:
    lives = rotate([KeyLife("a", Stage.CURRENT, 10)], newcomer="b", now=20)
    assert lives == [KeyLife("a", Stage.CURRENT, 10), KeyLife("b", Stage.NEXT, 20)]


def test_rotation_moves_every_key_one_stage_on() -> None:
    lives = [
        KeyLife("a", Stage.RETIRED, 5),
        KeyLife("b", Stage.CURRENT, 10),
        KeyLife("c", Stage.NEXT, 10),
    ]
    assert rotate(iter(lives), newcomer="d", now=20) == [
        KeyLife("a", Stage.RETIRED, 5),
        KeyLife("b", Stage.RETIRED, 20),
        KeyLife("c", Stage.CURRENT, 20),
        KeyLife("d", Stage.NEXT, 20),
    ]


def test_key_signs_at_once_when_all_others_are_retired() -> None:
    lives = rotate([KeyLife("a", Stage.RETIRED, 5)], newcomer="b", now=20)
    assert lives[-1] == KeyLife("b", Stage.CURRENT, 20)


def test_next_key_takes_over_when_the_current_one_is_lost() -> None:
    lives = rotate([KeyLife("a", Stage.NEXT, 5)], newcomer="b", now=20)
    assert lives == [KeyLife("a", Stage.CURRENT, 20), KeyLife("b", Stage.NEXT, 20)]


@given(rotations=st.integers(min_value=1, max_value=8))
def test_one_key_signs_and_each_was_published_before_it_did(rotations: int) -> None:
    lives: list[KeyLife] = []
    published: set[str] = set()
    for turn in range(rotations):
        lives = rotate(lives, newcomer=f"k{turn}", now=turn)
        signing = [life.kid for life in lives if life.stage is Stage.CURRENT]
        assert len(signing) == 1
        assert turn == 0 or signing[0] in published
        published = {life.kid for life in lives}
    assert len(lives) == rotations


@pytest.mark.parametrize("stage", [Stage.NEXT, Stage.CURRENT])
def test_key_in_use_never_expires(stage: Stage) -> None:
    assert not is_expired(KeyLife("a", stage, 0), max_token_life=DAY, now=10**9)


def test_retired_key_lives_as_long_as_its_last_token() -> None:
    life = KeyLife("a", Stage.RETIRED, 1000)
    last = 1000 + DAY
    assert not is_expired(life, max_token_life=DAY, now=last)
    assert is_expired(life, max_token_life=DAY, now=last + 1)
