"""Tests for Google and Facebook, as far as they can be told without them: where people are sent
with what, and that what stands in for them here is understood."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.facebook import flows
from django.core import mail
from django.test import Client
from pydantic import SecretStr
from pytest_django import Settings

from control_plane.accounts.models import User
from control_plane.accounts.providers import offered
from control_plane.accounts.providers.facebook import FacebookClient
from tests.control_plane.accounts.journeys import call
from tests.control_plane.accounts.provider_visits import (
    DESTINATION,
    come_back,
    leave,
    log_in_by,
    read_error,
    read_query,
)
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdServer

pytestmark = pytest.mark.django_db

PERSON: Final = {"id": "1815", "email": "ada@example.org", "name": "Ada Lovelace"}


@pytest.fixture(autouse=True)
def both(settings: Settings) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(
        update={
            "google_client_id": CLIENT_ID,
            "google_client_secret": SecretStr(CLIENT_SECRET),
            "facebook_client_id": "app",
            "facebook_client_secret": SecretStr("secret"),
        }
    )


def test_google_is_an_openid_provider_like_others(
    client: Client, school: OpenIdServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offered, "GOOGLE", school.url)
    asked = read_query(leave(client, provider="google").headers["Location"])
    assert asked["redirect_uri"] == "http://testserver/login/by/google"
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert log_in_by(client, provider="google") == DESTINATION
    assert SocialAccount.objects.get().provider == "google"


def test_google_is_where_it_says() -> None:
    """As of https://accounts.google.com/.well-known/openid-configuration."""
    assert offered.GOOGLE == "https://accounts.google.com"


def test_people_are_sent_to_facebook_with_no_wish_but_their_address(client: Client) -> None:
    way = leave(client, provider="facebook").headers["Location"]
    asked = read_query(way)
    assert way.startswith("https://www.facebook.com/v")
    assert asked["redirect_uri"] == "http://testserver/login/by/facebook"
    assert (asked["client_id"], asked["scope"]) == ("app", "email")
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["state"]


@contextmanager
def stand_in(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any]) -> Iterator[list[Any]]:
    """Something in Facebook's place: what it answers by path, and what it is asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            parts = urlsplit(self.path)
            form = parse_qs(parts.query or self.rfile.read(length).decode())
            asked.append((self.command, parts.path, {name: one[0] for name, one in form.items()}))
            body = json.dumps(answers.get(parts.path)).encode()
            self.send_response(200 if parts.path in answers else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_facts: Any) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(flows, "GRAPH_API_URL", url)
        monkeypatch.setattr(FacebookClient, "access_token_url", f"{url}/oauth/access_token")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


def return_from_facebook(client: Client) -> str:
    state = read_query(leave(client, provider="facebook").headers["Location"])["state"]
    return str(come_back(client, f"/login/by/facebook?code=abc&state={state}").headers["Location"])


def test_facebooks_word_on_an_address_is_not_enough(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"/oauth/access_token": {"access_token": "token"}, "/me": PERSON}
    with stand_in(monkeypatch, answers) as asked:
        assert return_from_facebook(client) == DESTINATION
    (method, _, form), (_, _, question) = asked
    assert method == "POST"
    assert (form["client_secret"], form["code"]) == ("secret", "abc")
    assert form["code_verifier"]
    assert question["fields"] == "id,email,name,first_name,last_name"
    assert question["appsecret_proof"]
    assert User.objects.get().display_name == "Ada Lovelace"
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("person", [{}, {"id": 7}, {"id": ""}, [], None], ids=repr)
def test_an_answer_in_another_form_is_refused(
    person: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"/oauth/access_token": {"access_token": "token"}, "/me": person}
    with stand_in(monkeypatch, answers):
        assert read_error(return_from_facebook(client)) == "unknown"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ({"is_valid": True, "app_id": "app"}, 401),  # its address is not confirmed yet
        ({"is_valid": True, "app_id": "another app"}, 400),
        ({"is_valid": False, "app_id": "app"}, 400),
        ({}, 400),
        (None, 400),
    ],
    ids=repr,
)
def test_a_token_of_facebooks_is_looked_at_by_facebook(
    verdict: Any, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {
        "/oauth/access_token": {"access_token": "the app's"},
        "/debug_token": {"data": verdict},
        "/me": PERSON,
    }
    body = {
        "provider": "facebook",
        "process": "login",
        "token": {"client_id": "app", "access_token": "token"},
    }
    with stand_in(monkeypatch, answers):
        assert call("POST", "auth/provider/token", body).status_code == status
    assert User.objects.exists() is (status == 401)
