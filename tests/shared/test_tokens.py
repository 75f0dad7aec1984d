"""Tokens as they are issued, and what becomes of one when it is changed.

The long list of refusals is `tests/vectors/tokens.json`.
"""

import json
import string
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.base64url import decode_base64url
from shared.keyring import SigningKey
from shared.paths import Kind
from shared.tokens import (
    DEFAULT_KINDS,
    LISTING_SUBJECT,
    MAX_TOKEN_LENGTH,
    MAX_TOKEN_LIFE,
    Claims,
    KeyUnknown,
    TokenExpired,
    TokenInvalid,
    check_clock,
    issue_token,
    verify_token,
)
from tests.vectors.token_material import (
    ASSET_ID,
    ISSUER,
    KEYS,
    NOW,
    OWN_KEY,
    OWN_PRIVATE,
    PARTNER_GOOD,
    VIDEO_ID,
    forge,
    with_claims,
)

CLAIMS = Claims(
    issuer=ISSUER,
    subject="u1",
    session_id="s1",
    video_id=VIDEO_ID,
    issued_at=NOW,
    not_before=NOW,
    expires_at=NOW + 3600,
)
TOKEN = issue_token(CLAIMS, OWN_KEY)

visible_text = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
hosts = st.sampled_from(["a.example", "watch.example:8443", "[2001:db8::1]", "localhost:3000"])
origins = st.builds("{}://{}".format, st.sampled_from(["http", "https", "capacitor"]), hosts)
prefixes = st.one_of(
    st.builds(
        lambda a, n: str(ip_network((a, n), strict=False)), st.ip_addresses(v=4), st.integers(0, 32)
    ),
    st.builds(
        lambda a, n: str(ip_network((a, n), strict=False)), st.ip_addresses(v=6), st.integers(0, 64)
    ),
)
limits = st.fixed_dictionaries(
    {},
    optional={
        "kinds": st.frozensets(st.sampled_from(Kind), min_size=1),
        "max_height": st.integers(1, 10_000),
        "max_streams": st.integers(1, 100),
        "origins": st.lists(origins, min_size=1, max_size=3).map(tuple),
        "ip": prefixes,
        "start_by": st.integers(0, 2 * NOW),
    },
)


def payload_of(token: str) -> dict[str, Any]:
    members = json.loads(decode_base64url(token.split(".")[1]))
    assert isinstance(members, dict)
    return members


@given(
    subject=visible_text, session=visible_text, life=st.integers(1, MAX_TOKEN_LIFE), limits=limits
)
def test_verified_claims_are_the_issued_ones(
    subject: str, session: str, life: int, limits: dict[str, Any]
) -> None:
    claims = Claims(
        issuer=ISSUER,
        subject=subject,
        session_id=session,
        asset_id=ASSET_ID,
        issued_at=NOW,
        not_before=NOW,
        expires_at=NOW + life,
        **limits,
    )
    assert verify_token(issue_token(claims, OWN_KEY), KEYS) == claims


def test_equal_claims_give_equal_tokens() -> None:
    kinds = [frozenset([Kind.POSTER, Kind.TEXT]), frozenset([Kind.TEXT, Kind.POSTER])]
    first, second = (issue_token(CLAIMS.model_copy(update={"kinds": k}), OWN_KEY) for k in kinds)
    assert first == second


def test_token_says_no_more_than_it_must() -> None:
    assert payload_of(TOKEN) == with_claims()
    assert forge(with_claims()) == TOKEN


def test_token_fits_into_a_path() -> None:
    assert set(TOKEN) <= set(string.ascii_letters + string.digits + "-_.")


def test_token_opens_all_but_downloads_unless_it_says_otherwise() -> None:
    assert verify_token(TOKEN, KEYS).kinds == DEFAULT_KINDS
    assert Kind.DOWNLOAD not in DEFAULT_KINDS


def test_key_signs_for_its_own_issuer_only() -> None:
    other = SigningKey(OWN_KEY.kid, "https://other.example", OWN_PRIVATE)
    with pytest.raises(TokenInvalid, match="own issuer"):
        issue_token(CLAIMS, other)


def test_token_that_grows_too_long_is_not_issued() -> None:
    many = tuple(f"https://{number:0>200}.example" for number in range(10))
    with pytest.raises(TokenInvalid, match="longer than any token"):
        issue_token(CLAIMS.model_copy(update={"origins": many}), OWN_KEY)


def test_token_as_long_as_any_may_be_is_read() -> None:
    slack = MAX_TOKEN_LENGTH - len(forge(with_claims(pad="")))
    token = forge(with_claims(pad="x" * (slack * 3 // 4)))
    assert MAX_TOKEN_LENGTH - 4 < len(token) <= MAX_TOKEN_LENGTH
    assert verify_token(token, KEYS) == CLAIMS


@pytest.mark.parametrize("token", [TOKEN, PARTNER_GOOD], ids=["EdDSA", "ES256"])
@given(data=st.data())
def test_token_with_one_other_letter_is_refused(token: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(token) - 1))
    letters = (string.ascii_letters + string.digits + "-_.").replace(token[position], "")
    letter = data.draw(st.sampled_from(letters))
    with pytest.raises(TokenInvalid):
        verify_token(token[:position] + letter + token[position + 1 :], KEYS)


@given(position=st.integers(0, len(TOKEN) - 1))
def test_shortened_token_is_refused(position: int) -> None:
    with pytest.raises(TokenInvalid):
        verify_token(TOKEN[:position], KEYS)
    with pytest.raises(TokenInvalid):
        verify_token(TOKEN[:position] + TOKEN[position + 1 :], KEYS)


@given(text=st.text(max_size=60))
def test_arbitrary_text_is_no_token(text: str) -> None:
    with pytest.raises(TokenInvalid):
        verify_token(text, KEYS)


@given(payload=st.binary(max_size=200))
def test_arbitrary_signed_bytes_are_no_claims(payload: bytes) -> None:
    with pytest.raises(TokenInvalid):
        verify_token(forge(payload), KEYS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    changes=st.dictionaries(st.sampled_from([*with_claims(), "ast", "kinds", "ip"]), json_values)
)
def test_signed_claims_are_read_or_refused_and_nothing_else(changes: dict[str, Any]) -> None:
    try:
        claims = verify_token(forge(with_claims(**changes)), KEYS)
    except TokenInvalid:
        return
    assert claims.issuer == ISSUER


def test_key_that_is_not_known_yet_is_told_apart() -> None:
    with pytest.raises(KeyUnknown):
        verify_token(TOKEN, {})


def test_refusal_does_not_repeat_what_the_token_says() -> None:
    with pytest.raises(TokenInvalid) as refusal:
        verify_token(forge(with_claims(sub="alice@example.org\n", iat="x")), KEYS)
    assert "alice" not in str(refusal.value)


@pytest.mark.parametrize(
    ("claim", "written", "read"),
    [
        ("ip", "192.0.2.7", "192.0.2.7/32"),
        ("ip", "2001:DB8:0::/32", "2001:db8::/32"),
        ("ip", "::1", "::1/128"),
        ("origins", ["https://A.Example:443"], ("https://a.example",)),
        ("origins", ["http://a.example:80"], ("http://a.example",)),
        ("origins", ["http://a.example:443"], ("http://a.example:443",)),
        ("origins", ["https://[2001:DB8::1]"], ("https://[2001:db8::1]",)),
    ],
)
def test_limit_is_read_in_its_canonical_form(claim: str, written: Any, read: Any) -> None:
    assert getattr(verify_token(forge(with_claims(**{claim: written})), KEYS), claim) == read


def test_prefix_is_a_network() -> None:
    limited = Claims.model_validate({**dict(CLAIMS), "ip": "192.0.2.0/24"})
    assert limited.network == ip_network("192.0.2.0/24")
    assert limited == limited.model_copy()
    assert CLAIMS.network is None


def test_claims_are_refused_where_they_are_made() -> None:
    with pytest.raises(ValidationError, match="lives longer"):
        Claims.model_validate({**dict(CLAIMS), "expires_at": NOW + MAX_TOKEN_LIFE + 1})


def test_poster_tokens_of_a_listing_are_equal_for_everybody() -> None:
    poster = Claims.model_validate(
        {**dict(CLAIMS), "subject": LISTING_SUBJECT, "kinds": frozenset([Kind.POSTER])}
    )
    assert issue_token(poster, OWN_KEY) == issue_token(poster.model_copy(), OWN_KEY)


@pytest.mark.parametrize("now", [NOW - 30, NOW, NOW + 3599])
def test_token_is_good_from_its_beginning_to_its_end(now: int) -> None:
    check_clock(CLAIMS, now=now)


@pytest.mark.parametrize("now", [NOW + 3600, NOW + 3601, NOW + 10**9])
def test_token_is_expired_from_the_second_it_names(now: int) -> None:
    with pytest.raises(TokenExpired):
        check_clock(CLAIMS, now=now)


@pytest.mark.parametrize("early", ["issued_at", "not_before"])
def test_token_of_the_future_is_refused(early: str) -> None:
    claims = CLAIMS.model_copy(update={early: NOW + 100})
    check_clock(claims, now=NOW + 70)
    with pytest.raises(TokenInvalid, match="not valid yet"):
        check_clock(claims, now=NOW + 69)
