"""Tests for shared/issuers.py: other sites' keys and ceilings."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.issuers import (
    MAX_ISSUERS,
    Ceiling,
    IssuerEntry,
    IssuersDocument,
    IssuersInvalid,
    join_keys,
    narrow_claims,
    parse_issuers,
)
from shared.keyring import parse_jwks, public_jwk, render_jwks
from shared.tokens import MAX_TOKEN_LIFE, Claims, TokenInvalid

OWN, OTHER = "https://sluice.example", "https://elsewhere.example"
NOW = 1_767_225_600
ONE, TWO = (f"0198c0de-0000-7000-8000-00000000000{number}" for number in (1, 2))


def make_jwk(seed: int) -> dict[str, str]:
    return public_jwk(Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)).public_key())


def make_entry(issuer: str = OTHER, seed: int = 1, **ceiling: Any) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks": {"keys": [make_jwk(seed)]},
        "ceiling": {"videos": [ONE], "max_life_s": 3600, **ceiling},
    }


def render(*entries: Any) -> bytes:
    return json.dumps({"issuers": entries}).encode()


def make_claims(**facts: Any) -> Claims:
    facts = {"video_id": ONE, "issued_at": NOW, "expires_at": NOW + 3600, **facts}
    return Claims(issuer=OTHER, subject="u", session_id="s", not_before=NOW, **facts)


def make_ceiling(**limits: Any) -> Ceiling:
    return Ceiling(videos=frozenset({ONE}), max_life_s=3600, **limits)


def test_what_is_rendered_is_read() -> None:
    ceiling = make_ceiling(max_height=720, max_streams=2, origins=frozenset({"https://a.example"}))
    entry = IssuerEntry(issuer=OTHER, jwks={"keys": [make_jwk(1)]}, ceiling=ceiling)
    read = parse_issuers(IssuersDocument(issuers=(entry,)).render(), own=OWN)
    (issuer,) = read.issuers
    assert (issuer.issuer, issuer.ceiling, read.faults) == (OTHER, ceiling, ())
    assert {key.issuer for key in issuer.keys.values()} == {OTHER}
    assert set(issuer.keys) == {make_jwk(1)["kid"]}


def test_limits_that_are_absent_are_left_out() -> None:
    entry = IssuerEntry(issuer=OTHER, jwks={"keys": []}, ceiling=make_ceiling())
    (rendered,) = json.loads(IssuersDocument(issuers=(entry,)).render())["issuers"]
    assert rendered["ceiling"] == {"videos": [ONE], "max_life_s": 3600}


def test_members_of_later_versions_are_passed_over() -> None:
    assert parse_issuers(b'{"issuers": [], "later": 1}', own=OWN).issuers == ()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"issuers": {}}',
        b'{"issuers": null}',
        render(*[{}] * (MAX_ISSUERS + 1)),
    ],
    ids=["nothing", "no object", "no issuers", "a mapping", "null", "too many"],
)
def test_what_is_no_such_document_is_refused(document: bytes) -> None:
    with pytest.raises(IssuersInvalid):
        parse_issuers(document, own=OWN)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        make_entry(OWN),
        make_entry(issuer=""),
        make_entry(videos=["no id"]),
        make_entry(videos=None),
        make_entry(max_life_s=0),
        make_entry(max_life_s=MAX_TOKEN_LIFE + 1),
        make_entry(max_height=0),
        make_entry(max_streams=0),
        make_entry(origins=[]),
        make_entry(origins=["no origin"]),
        make_entry(floor=1),
        {**make_entry(), "more": 1},
        {**make_entry(), "jwks": []},
        {**make_entry(), "jwks": {"keys": []}},
        {**make_entry(), "jwks": {"keys": [{**make_jwk(1), "kid": "another"}]}},
    ],
    ids=[
        "null",
        "empty",
        "our own iss",
        "no iss",
        "a video without an id",
        "no videos",
        "no life",
        "too long a life",
        "no height",
        "no streams",
        "no origins",
        "a strange origin",
        "an unknown limit",
        "an unknown member",
        "no JWK Set",
        "no keys",
        "no usable key",
    ],
)
def test_a_bad_entry_is_passed_over_and_spoils_no_other(entry: Any) -> None:
    read = parse_issuers(render(entry, make_entry("https://good.example", seed=2)), own=OWN)
    assert [issuer.issuer for issuer in read.issuers] == ["https://good.example"]
    (fault,) = read.faults
    assert fault.startswith("issuer 0: ")


def test_of_two_that_use_one_iss_the_first_has_it() -> None:
    read = parse_issuers(render(make_entry(seed=1), make_entry(seed=2)), own=OWN)
    assert [set(issuer.keys) for issuer in read.issuers] == [{make_jwk(1)["kid"]}]
    assert read.faults == ("issuer 1: an iss that is taken",)


def test_nobody_takes_a_kid_that_another_has() -> None:
    own = parse_jwks(render_jwks([make_jwk(1)]), issuer=OWN)
    document = render(make_entry(seed=1), make_entry("https://b.example", seed=2))
    joined = join_keys(own, parse_issuers(document, own=OWN).issuers)
    assert {key.issuer for key in joined.values()} == {OWN, "https://b.example"}
    assert joined[make_jwk(1)["kid"]].issuer == OWN


def test_claims_below_the_ceiling_stay_as_they_are() -> None:
    claims = make_claims(max_height=360, max_streams=1, origins=("https://a.example",))
    ceiling = make_ceiling(
        max_height=720, max_streams=2, origins=frozenset({"https://a.example", "https://b.example"})
    )
    assert narrow_claims(claims, ceiling) == claims
    assert narrow_claims(claims, make_ceiling()) == claims


def test_claims_above_the_ceiling_are_lowered_to_it() -> None:
    said = make_claims(
        max_height=1080, max_streams=9, origins=("https://b.example", "https://c.example")
    )
    ceiling = make_ceiling(
        max_height=720, max_streams=2, origins=frozenset({"https://a.example", "https://b.example"})
    )
    narrowed = narrow_claims(said, ceiling)
    assert (narrowed.max_height, narrowed.max_streams) == (720, 2)
    assert narrowed.origins == ("https://b.example",)


def test_claims_without_limits_get_those_of_the_ceiling() -> None:
    ceiling = make_ceiling(
        max_height=720, max_streams=2, origins=frozenset({"https://b.example", "https://a.example"})
    )
    narrowed = narrow_claims(make_claims(), ceiling)
    assert (narrowed.max_height, narrowed.max_streams) == (720, 2)
    assert narrowed.origins == ("https://a.example", "https://b.example")


def test_a_token_of_one_asset_is_left_to_the_gate() -> None:
    claims = make_claims(video_id=None, asset_id=TWO)
    assert narrow_claims(claims, make_ceiling()) == claims


@pytest.mark.parametrize(
    "claims",
    [
        make_claims(video_id=TWO),
        make_claims(expires_at=NOW + 3601),
        make_claims(origins=("https://c.example",)),
    ],
    ids=["another video", "a longer life", "none of its origins"],
)
def test_claims_of_which_nothing_is_left_are_refused(claims: Claims) -> None:
    with pytest.raises(TokenInvalid, match="its issuer"):
        narrow_claims(claims, make_ceiling(origins=frozenset({"https://a.example"})))
