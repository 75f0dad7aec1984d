"""Tests for control_plane/signing/api.py: the document that edges fetch, and keys for admins."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from control_plane.accounts.models import Role
from control_plane.revocations.models import Revocation
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import rotate_keys
from control_plane.signing.selectors import current_key
from shared.keyring import parse_jwks
from tests.control_plane.conftest import KEY_IS_KEPT_S, LogIn, MakeUser

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def published(client: Client) -> set[str]:
    document = client.get("/.well-known/jwks.json").content
    return set(parse_jwks(document, issuer="http://testserver"))


def test_the_document_is_there_before_any_key_was_asked_for(client: Client) -> None:
    answer = client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert len(answer.json()["keys"]) == 2


def test_it_holds_no_private_half(client: Client) -> None:
    for key in client.get("/.well-known/jwks.json").json()["keys"]:
        assert key.keys() == {"kty", "crv", "x", "kid", "alg", "use"}


def test_a_key_is_published_before_it_signs_and_after_it_was_retired(client: Client) -> None:
    before = published(client)
    first = current_key(now=NOW).kid
    rotate_keys(now=NOW, force=True)
    following = SigningKey.objects.get(stage="current").kid
    assert {first, following} == before
    assert published(client) > before


def test_a_forgotten_key_is_not_published(client: Client) -> None:
    published(client)
    rotate_keys(now=NOW - timedelta(days=2), force=True)
    retired = SigningKey.objects.get(stage="retired").kid
    assert retired not in published(client)


def test_the_document_is_only_read(client: Client) -> None:
    assert client.post("/.well-known/jwks.json").status_code == 405
    assert client.head("/.well-known/jwks.json").status_code == 200


def test_a_process_hears_of_a_rotation_in_time() -> None:
    first = current_key(now=NOW).kid
    rotate_keys(now=NOW, force=True)
    assert current_key(now=NOW + timedelta(seconds=KEY_IS_KEPT_S)).kid != first


@pytest.fixture
def admin(make_user: MakeUser, log_in: LogIn) -> APIClient:
    return log_in(make_user(Role.ADMIN))


def test_an_administrator_sees_keys_and_nothing_private(admin: APIClient) -> None:
    rotate_keys(now=NOW, force=True)
    keys = admin.get("/api/v1/signing-keys").json()["results"]
    assert {key["stage"] for key in keys} == {"current", "next", "retired"}
    assert all("d" not in key["public_jwk"] for key in keys)
    assert set(keys[0]) == {"kid", "stage", "since", "public_jwk", "created_at"}


def test_an_administrator_rotates_once_edges_know_the_next_key(admin: APIClient) -> None:
    rotate_keys(now=NOW - timedelta(days=1), force=True)
    following = SigningKey.objects.get(stage="next").kid
    assert admin.post("/api/v1/signing-keys/rotate").status_code == 204
    assert SigningKey.objects.get(stage="current").kid == following
    again = admin.post("/api/v1/signing-keys/rotate")
    assert (again.status_code, again.json()["code"]) == (409, "next_key_too_young")


def test_what_is_signed_after_a_compromise_is_signed_with_another_key(admin: APIClient) -> None:
    compromised = current_key(now=NOW).kid
    answer = admin.post(f"/api/v1/signing-keys/{compromised}/compromised")
    assert answer.status_code == 204
    assert current_key(now=NOW).kid != compromised
    assert Revocation.objects.get().subject == compromised
