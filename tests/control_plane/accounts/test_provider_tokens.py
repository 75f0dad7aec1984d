"""Tests for programs that bring a token they got from a provider by themselves."""

from typing import Any

import jwt
import pytest
from pytest_django import Settings

from control_plane.accounts.models import Role, User
from control_plane.config import SignUpMode
from tests.control_plane.accounts.journeys import call, invite, set_mode
from tests.control_plane.conftest import MakeUser
from tests.openid_provider import CLIENT_ID, KEY_ID, OpenIdServer, make_key

pytestmark = pytest.mark.django_db


def bring(token: Any, *, provider: str = "school", client_id: Any = CLIENT_ID, **more: str) -> Any:
    """Log in by a token; the answer."""
    brought = {"client_id": client_id, "id_token": token}
    body = {"provider": provider, "process": "login", "token": brought, **more}
    return call("POST", "auth/provider/token", body)


def test_an_id_token_is_traded_for_tokens_of_ours(school: OpenIdServer) -> None:
    answer = bring(school.sign())
    assert answer.status_code == 200
    bearer = f"Bearer {answer.json()['meta']['access_token']}"
    assert call("GET", "me", Authorization=bearer).json()["email"] == "ada@example.org"


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": None}],
    ids=str,
)
def test_one_that_is_not_for_this_site_is_refused(
    claims: dict[str, Any], school: OpenIdServer
) -> None:
    refuse(bring(school.sign(**claims)))


def refuse(answer: Any) -> None:
    """See that it was refused as a bad token is, and nobody made."""
    assert answer.status_code == 400
    assert [fault["code"] for fault in answer.json()["errors"]] == ["invalid_token"]
    assert not User.objects.filter(email="ada@example.org").exists()


def test_one_that_somebody_else_signed_is_refused(school: OpenIdServer) -> None:
    refuse(bring(school.sign(key=make_key())))
    refuse(bring(school.sign(key="x" * 64, algorithm="HS256")))
    claims = jwt.decode(school.sign(), options={"verify_signature": False})
    refuse(bring(jwt.encode(claims, "", "none")))
    refuse(bring(jwt.encode(claims, make_key(), "RS256")))
    refuse(bring(jwt.encode(claims, make_key(), "RS256", headers={"kid": KEY_ID + "x"})))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30", "\0"], ids=repr)
@pytest.mark.usefixtures("school")
def test_what_is_no_token_is_refused(token: str) -> None:
    answer = bring(token)
    assert (answer.status_code, answer.json()["code"]) in [(400, "invalid"), (400, "parse_error")]


@pytest.mark.parametrize(
    ("provider", "client_id"),
    [("nobody", CLIENT_ID), ("school", "another"), ("school", 7), ("openid_connect", CLIENT_ID)],
)
def test_a_token_of_another_provider_is_refused(
    provider: str, client_id: Any, school: OpenIdServer
) -> None:
    assert bring(school.sign(), provider=provider, client_id=client_id).status_code == 400
    assert school.asked == []


def test_a_provider_that_is_away_knows_nobody(school: OpenIdServer) -> None:
    token = school.sign()
    school.metadata = {"jwks_uri": f"{school.url}/nowhere"}
    refuse(bring(token))


def test_a_shut_account_is_answered_like_a_bad_token(school: OpenIdServer) -> None:
    bring(school.sign())
    User.objects.update(is_active=False, email="shut@example.org")
    refuse(bring(school.sign()))


def test_an_address_that_is_taken_is_told_to_its_holder(
    school: OpenIdServer, make_user: MakeUser
) -> None:
    make_user(email="ada@example.org")
    answer = bring(school.sign())
    assert answer.status_code == 400
    assert [fault["code"] for fault in answer.json()["errors"]] == ["email_taken"]


def test_where_sign_up_is_closed_no_newcomer_comes_in(
    school: OpenIdServer, settings: Settings
) -> None:
    set_mode(settings, SignUpMode.CLOSED)
    answer = bring(school.sign())
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_up_closed")


def test_an_invitation_comes_with_the_token(
    school: OpenIdServer, make_user: MakeUser, settings: Settings
) -> None:
    set_mode(settings, SignUpMode.INVITATION)
    assert bring(school.sign()).json()["code"] == "invitation_required"
    invitation = invite(make_user(Role.ADMIN))
    assert bring(school.sign(), invitation=invitation).status_code == 200
