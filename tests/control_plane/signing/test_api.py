"""Tests for control_plane/signing/api.py: the document that edges fetch."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import rotate_keys
from control_plane.signing.selectors import current_key
from shared.keyring import parse_jwks

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
    assert current_key(now=NOW + timedelta(seconds=30)).kid != first
