"""Tests for control_plane/issuers/services.py and documents.py: which sites may sign."""

from typing import Any

import pytest
from django.utils import timezone

from control_plane.issuers import services
from control_plane.issuers.models import Issuer
from control_plane.issuers.services import delete_issuer, find_obstacles, store_issuer
from control_plane.revocations.models import Revocation
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import ensure_keys
from tests.control_plane.issuers.sites import make_issuer, make_jwk

pytestmark = pytest.mark.django_db


def store(issuer: Issuer) -> Issuer:
    store_issuer(issuer, now=timezone.now())
    return issuer


def list_revoked() -> set[str]:
    return set(Revocation.objects.filter(scope="key").values_list("subject", flat=True))


def kid_of(number: int) -> str:
    return make_jwk(number)["kid"]


def test_a_site_with_keys_of_its_own_may_sign() -> None:
    store(make_issuer(1))
    assert find_obstacles(make_issuer(2, max_height=720, origins=["https://b.example"])) == []


def test_a_stored_site_is_no_obstacle_to_itself() -> None:
    assert find_obstacles(store(make_issuer())) == []


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"issuer": "http://testserver"}, "taken"),
        ({"issuer": "a\nb"}, "issuer"),
        ({"jwks": {"keys": []}}, "usable key"),
        ({"jwks": []}, "usable key"),
        ({"jwks": {"keys": "none"}}, "usable key"),
        ({"jwks": {"keys": ["none", {**make_jwk(1), "use": "enc"}]}}, "usable key"),
        ({"jwks": {"keys": [make_jwk(1), {**make_jwk(2), "d": "secret"}]}}, "private key"),
        ({"max_life_s": 24 * 3600 + 1}, "max_life_s"),
        ({"max_life_s": 0}, "max_life_s"),
        ({"max_height": 0}, "max_height"),
        ({"origins": ["site.example"]}, "origins"),
    ],
    ids=[
        "our own iss",
        "an iss that no token may have",
        "no key",
        "no JWK Set",
        "no list",
        "no usable key",
        "a private key",
        "too long a life",
        "no life",
        "no height",
        "no origin",
    ],
)
def test_a_site_that_edges_would_not_take_may_not_sign(facts: dict[str, Any], why: str) -> None:
    (obstacle,) = find_obstacles(make_issuer(**facts))
    assert why in obstacle
    assert "secret" not in obstacle


def test_a_key_of_ours_is_nobody_elses() -> None:
    ensure_keys(now=timezone.now())
    for key in SigningKey.objects.all():
        (obstacle,) = find_obstacles(make_issuer(jwks={"keys": [key.public_jwk]}))
        assert key.kid in obstacle


def test_a_key_of_another_site_may_not_be_used() -> None:
    store(make_issuer(1, enabled=False))
    (obstacle,) = find_obstacles(make_issuer(2, jwks={"keys": [make_jwk(1)]}))
    assert kid_of(1) in obstacle


def test_there_is_a_limit_to_the_number_of_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_ISSUERS", 1)
    stored = store(make_issuer(1))
    assert find_obstacles(stored) == []
    (obstacle,) = find_obstacles(make_issuer(2))
    assert "1 other sites" in obstacle


def test_a_site_that_is_stopped_loses_its_keys_at_once_and_may_get_them_back() -> None:
    site = store(make_issuer(1))
    assert list_revoked() == set()
    site.enabled = False
    store(site)
    assert list_revoked() == {kid_of(1)}
    site.enabled = True
    store(site)
    assert list_revoked() == set()


def test_a_key_that_a_site_uses_no_more_is_revoked() -> None:
    site = store(make_issuer(1, jwks={"keys": [make_jwk(1), make_jwk(2)]}))
    site.jwks = {"keys": [make_jwk(2), make_jwk(3)]}
    store(site)
    assert list_revoked() == {kid_of(1)}


def test_a_site_that_is_deleted_has_signed_its_last() -> None:
    delete_issuer(store(make_issuer(1)), now=timezone.now())
    assert list_revoked() == {kid_of(1)}
    assert not Issuer.objects.exists()
