"""Tests for logging in by an OpenID Connect provider: there, back, what is refused on the way."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from pytest_django import Settings

from control_plane.accounts.models import Application, Role, User
from control_plane.config import SignUpMode
from tests.control_plane.accounts.journeys import invite, set_mode
from tests.control_plane.accounts.provider_visits import (
    DESTINATION,
    come_back,
    leave,
    log_in_by,
    read_error,
    read_query,
    visit,
)
from tests.control_plane.conftest import MakeUser
from tests.openid_provider import CLIENT_ID, OpenIdServer, make_key

pytestmark = pytest.mark.django_db

SIGN_UP = "/api/v1/browser/auth/provider/signup"


def who(client: Client) -> str | None:
    """The address of whom a browser is logged in as."""
    answer = client.get("/api/v1/me")
    return str(answer.json()["email"]) if answer.status_code == 200 else None


def test_a_newcomer_is_logged_in_at_once(client: Client, school: OpenIdServer) -> None:
    assert log_in_by(client) == DESTINATION
    user = User.objects.get()
    assert who(client) == user.email == school.person["email"]
    assert (user.display_name, user.first_name, user.last_name, user.role) == (
        *("Ada Lovelace", "Ada", "Lovelace", Role.VIEWER),
    )
    assert not user.has_usable_password()
    assert EmailAddress.objects.get().verified


def test_who_comes_again_is_the_same_person_under_any_address(school: OpenIdServer) -> None:
    log_in_by(Client())
    school.person["email"] = "other@example.org"
    client = Client()
    log_in_by(client)
    assert who(client) == "ada@example.org"
    assert User.objects.count() == 1


def test_the_provider_is_asked_for_a_code_with_pkce_state_and_nonce(
    client: Client, school: OpenIdServer
) -> None:
    asked = read_query(leave(client).headers["Location"])
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == "http://testserver/login/by/school"
    assert asked["state"]
    assert asked["nonce"]
    assert asked["nonce"] != read_query(leave(client).headers["Location"])["nonce"]
    assert school.asked == [("/.well-known/openid-configuration", {})] * 2


def test_a_script_is_told_the_way(client: Client, school: OpenIdServer) -> None:
    answer = leave(client, accept="application/json")
    way = answer.json()["data"]["location"]
    assert answer.status_code == 200
    assert way.startswith(f"{school.url}/authorize?")
    assert come_back(client, visit(way)).headers["Location"] == DESTINATION


def test_no_token_of_the_provider_is_kept(client: Client, school: OpenIdServer) -> None:
    del school.person["email"]
    log_in_by(client)  # to be asked for an address
    assert not SocialToken.objects.exists()
    kept = [str(session.get_decoded()) for session in Session.objects.all()]
    assert any("ada-at-school" in text for text in kept)
    assert not any("for userinfo" in text for text in kept)


def test_nothing_is_kept_of_a_person_but_whose_account_it_is(
    client: Client, school: OpenIdServer
) -> None:
    school.person |= {"address": "12 St James's Square", "birthdate": "1815-12-10"}
    log_in_by(client)
    assert SocialAccount.objects.get().extra_data == {
        name: school.person[name] for name in ("sub", "email", "name")
    }


# What a provider, or somebody who pretends to be one, may do wrong.
WRONG_CLAIMS: list[dict[str, Any]] = [
    {"aud": "somebody else"},
    {"iss": "https://evil.example"},
    {"exp": 1},
    {"exp": None},
    {"sub": None},
    {"sub": ""},
    {"sub": "x" * 192},
    {"sub": "x\0"},
    {"sub": 7},
    {"nonce": "of another log-in"},
    {"nonce": None},
]


@pytest.mark.parametrize("claims", WRONG_CLAIMS, ids=str)
def test_an_id_token_that_will_not_do_is_refused(
    claims: dict[str, Any], client: Client, school: OpenIdServer
) -> None:
    school.claims = claims
    address = log_in_by(client)
    assert (read_error(address), read_query(address)["next"]) == ("unknown", "/watch")
    assert who(client) is None
    assert not User.objects.exists()


def test_so_is_one_that_somebody_else_signed(client: Client, school: OpenIdServer) -> None:
    way = leave(client).headers["Location"]
    back = visit(way)
    published = school.list_keys()
    school.list_keys = lambda: published  # type: ignore[method-assign]
    school.key = make_key()
    assert read_error(come_back(client, back).headers["Location"]) == "unknown"
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["state", "code"])
@pytest.mark.usefixtures("school")
def test_a_made_up_state_or_code_is_refused(name: str, client: Client) -> None:
    back = visit(leave(client).headers["Location"])
    address = come_back(client, back.replace(read_query(back)[name], "made-up")).headers["Location"]
    assert read_error(address) == "unknown"
    assert not User.objects.exists()


@pytest.mark.usefixtures("school")
def test_the_way_back_of_another_browser_leads_nowhere() -> None:
    back = visit(leave(Client()).headers["Location"])
    client = Client()
    leave(client)
    assert read_error(come_back(client, back).headers["Location"]) == "unknown"
    assert who(client) is None


@pytest.mark.usefixtures("school")
def test_a_way_back_is_good_once(client: Client) -> None:
    back = visit(leave(client).headers["Location"])
    assert come_back(client, back).headers["Location"] == DESTINATION
    assert read_error(come_back(client, back).headers["Location"]) == "unknown"


def test_a_code_without_its_verifier_gives_nothing(client: Client, school: OpenIdServer) -> None:
    back = visit(leave(client).headers["Location"])
    (asked,) = school.codes.values()
    asked["code_challenge"] = "of another verifier"
    assert read_error(come_back(client, back).headers["Location"]) == "unknown"


def test_who_changes_their_mind_at_the_provider_is_told_so(
    client: Client, school: OpenIdServer
) -> None:
    school.refusal = "access_denied"
    assert read_error(log_in_by(client)) == "cancelled"
    school.refusal = "server_error"
    assert read_error(log_in_by(client)) == "unknown"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"userinfo_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_metadata_that_lead_astray_are_not_followed(
    metadata: dict[str, Any], client: Client, school: OpenIdServer
) -> None:
    school.metadata = metadata
    address = leave(client).headers["Location"]
    assert address.startswith("http://testserver/login/return?error=unknown")
    answer = leave(client, accept="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert {place for place, _ in school.asked} == {"/.well-known/openid-configuration"}


@pytest.mark.usefixtures("school")
def test_a_provider_that_is_away_is_told_before_and_after(
    client: Client, settings: Settings
) -> None:
    back = visit(leave(client).headers["Location"])
    (offered,) = settings.CONFIG.oidc
    away = offered.model_copy(update={"server_url": "http://127.0.0.1:1"})
    settings.CONFIG = settings.CONFIG.model_copy(update={"oidc": (away,)})
    address = come_back(client, back).headers["Location"]
    assert (read_error(address), read_query(address)["next"]) == ("unknown", "/watch")
    assert leave(client, accept="application/json").status_code == 503


def test_what_the_id_token_leaves_out_is_asked_for(client: Client, school: OpenIdServer) -> None:
    school.claims = {"email": None, "name": None}
    log_in_by(client)
    assert who(client) == "ada@example.org"


def test_but_not_believed_of_somebody_else(client: Client, school: OpenIdServer) -> None:
    school.claims = {"email": None}
    school.userinfo = {**school.person, "sub": "eve", "email": "eve@example.org"}
    assert read_error(log_in_by(client)) == "unknown"
    assert not User.objects.exists()


@pytest.mark.parametrize("verified", [False, "true", "false", 1, None], ids=repr)
def test_an_address_that_is_not_plainly_verified_is_confirmed_by_mail(
    verified: Any, client: Client, school: OpenIdServer
) -> None:
    school.person["email_verified"] = verified
    assert log_in_by(client) == DESTINATION
    assert who(client) is None
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    session = client.get("/api/v1/browser/auth/session")
    assert session.json()["code"] == "verify_email_pending"


def test_an_unverified_address_does_not_tell_who_has_an_account(
    school: OpenIdServer, make_user: MakeUser
) -> None:
    school.person["email_verified"] = False
    make_user(email="grace@example.org")
    answers = []
    for sub, email in (("new", "new@example.org"), ("eve", "grace@example.org")):
        school.person |= {"sub": sub, "email": email}
        client = Client()
        address = log_in_by(client)
        answers.append((address, client.get("/api/v1/browser/auth/session").json()["data"]))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["new@example.org"], ["grace@example.org"]]
    assert not SocialAccount.objects.filter(user__email="grace@example.org").exists()


@pytest.mark.usefixtures("school")
def test_a_verified_address_opens_no_account_that_has_it(
    client: Client, make_user: MakeUser
) -> None:
    make_user(email="ADA@example.org")
    assert read_error(log_in_by(client)) == "email_taken"
    assert who(client) is None
    assert not SocialAccount.objects.exists()


def test_a_shut_account_gets_no_answer_of_its_own(client: Client, school: OpenIdServer) -> None:
    log_in_by(Client())
    User.objects.update(is_active=False)
    address = log_in_by(client)
    school.claims = {"aud": "somebody else"}
    assert address == log_in_by(client)
    assert read_error(address) == "unknown"


def test_where_sign_up_is_closed_only_those_who_have_an_account_come_in(
    school: OpenIdServer, settings: Settings
) -> None:
    log_in_by(Client())
    set_mode(settings, SignUpMode.CLOSED)
    client = Client()
    log_in_by(client)
    assert who(client) == "ada@example.org"
    school.person |= {"sub": "grace", "email": "grace@example.org"}
    assert read_error(log_in_by(Client())) == "sign_up_closed"
    assert User.objects.count() == 1


@pytest.mark.usefixtures("school")
def test_an_invitation_lets_a_newcomer_in_as_whom_it_is_for(
    make_user: MakeUser, settings: Settings
) -> None:
    set_mode(settings, SignUpMode.INVITATION)
    assert read_error(log_in_by(Client())) == "invitation_required"
    token = invite(make_user(Role.ADMIN), role=Role.CREATOR)
    assert log_in_by(Client(), invitation=token) == DESTINATION
    assert User.objects.get(email="ada@example.org").role == Role.CREATOR


def test_an_invitation_is_good_once_and_proves_the_address_that_it_was_mailed_to(
    school: OpenIdServer, make_user: MakeUser, settings: Settings
) -> None:
    set_mode(settings, SignUpMode.INVITATION)
    school.person["email_verified"] = False
    token, client = invite(make_user(Role.ADMIN), "ada@example.org"), Client()
    mail.outbox.clear()
    log_in_by(client, invitation=token)
    assert who(client) == "ada@example.org"
    assert mail.outbox == []
    school.person |= {"sub": "grace", "email": "grace@example.org"}
    assert read_error(log_in_by(Client(), invitation=token)) == "invitation_invalid"


@pytest.mark.parametrize("is_told", [True, False])
def test_without_an_invitation_an_address_does_not_tell_who_has_an_account(
    is_told: bool, school: OpenIdServer, make_user: MakeUser, settings: Settings
) -> None:
    set_mode(settings, SignUpMode.INVITATION)
    school.person["email_verified"] = False
    make_user(email="grace@example.org")
    for sub, email in (("new", "new@example.org"), ("eve", "grace@example.org")):
        school.person |= {"sub": sub, "email": email if is_told else ""}
        client = Client()
        address = log_in_by(client)
        if is_told:
            assert read_error(address) == "invitation_required"
            continue
        answer = client.post(SIGN_UP, {"email": email}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "invitation_required")
    assert mail.outbox == []


@pytest.mark.usefixtures("school")
def test_where_newcomers_wait_they_wait(client: Client, settings: Settings) -> None:
    set_mode(settings, SignUpMode.APPROVAL)
    assert log_in_by(client) == DESTINATION
    assert Application.objects.get().user.email == "ada@example.org"
    pending = client.get("/api/v1/browser/auth/session").json()
    assert pending["code"] == "approval_pending"


@pytest.mark.parametrize("callback_url", ["https://evil.example/", "//evil.example", ""])
@pytest.mark.usefixtures("school")
def test_nobody_is_sent_to_another_site_in_the_end(callback_url: str, client: Client) -> None:
    form = {"provider": "school", "process": "login", "callback_url": callback_url}
    answer = client.post("/api/v1/browser/auth/provider/redirect", form)
    assert answer.headers["Location"].startswith("http://testserver/login/return?error=unknown")
    told = client.post(
        "/api/v1/browser/auth/provider/redirect", form, headers={"Accept": "application/json"}
    )
    assert (told.status_code, told.json()["errors"][0]["field"]) == (400, "callback_url")


@pytest.mark.parametrize("provider", ["nobody", "google", "facebook", "openid_connect", ""])
def test_a_provider_that_is_not_offered_is_nobody(
    provider: str, client: Client, school: OpenIdServer
) -> None:
    assert read_error(leave(client, provider=provider).headers["Location"]) == "unknown"
    assert leave(client, provider=provider, accept="application/json").status_code == 400
    assert client.get(f"/login/by/{provider or 'x'}?code=a&state=b").status_code == 404
    assert school.asked == []


def test_two_providers_may_know_the_site_by_one_name(
    client: Client, school: OpenIdServer, settings: Settings
) -> None:
    (one,) = settings.CONFIG.oidc
    other = one.model_copy(update={"id": "work", "name": "Work"})
    settings.CONFIG = settings.CONFIG.model_copy(update={"oidc": (one, other)})
    del school.person["email"]
    log_in_by(client, provider="work")
    pending = client.get(SIGN_UP).json()
    assert pending["data"]["account"]["provider"]["id"] == "work"
    assert one.client_id == CLIENT_ID


def test_an_address_that_the_provider_does_not_tell_is_asked_for(
    client: Client, school: OpenIdServer
) -> None:
    del school.person["email"]
    assert log_in_by(client) == DESTINATION
    asked = client.get("/api/v1/browser/auth/session").json()
    assert asked["code"] == "provider_signup_pending"
    given = {"email": "mine@example.org"}
    answer = client.post(SIGN_UP, given, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "verify_email_pending")
    assert User.objects.get().email == "mine@example.org"
    assert mail.outbox[-1].to == ["mine@example.org"]


def test_one_that_has_an_account_is_answered_alike(
    client: Client, school: OpenIdServer, make_user: MakeUser
) -> None:
    make_user(email="grace@example.org")
    del school.person["email"]
    log_in_by(client)
    answer = client.post(
        SIGN_UP,
        {"email": "grace@example.org"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "verify_email_pending")
    assert not SocialAccount.objects.exists()
