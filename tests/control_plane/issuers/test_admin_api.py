"""Tests for the operations of control_plane/issuers/api.py: administrators let sites sign."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from control_plane.accounts.models import Role
from control_plane.catalogue.models import Video
from control_plane.issuers.models import Issuer
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo
from tests.control_plane.issuers.sites import make_issuer, make_jwk

pytestmark = pytest.mark.django_db

PATH = "/api/v1/issuers"


@pytest.fixture
def admin(make_user: MakeUser, log_in: LogIn) -> APIClient:
    return log_in(make_user(Role.ADMIN))


@pytest.fixture
def video(make_user: MakeUser, make_video: MakeVideo) -> Video:
    return make_video(make_user(Role.CREATOR))


def describe(seed: int = 1, **facts: Any) -> dict[str, Any]:
    return {"issuer": f"https://site-{seed}.example", "jwks": {"keys": [make_jwk(seed)]}, **facts}


def test_a_site_is_registered_with_a_ceiling(admin: APIClient, video: Video) -> None:
    facts = describe(videos=[str(video.pk)], max_height=720, origins=["https://a.example"])
    answer = admin.post(PATH, facts)
    assert answer.status_code == 201
    assert answer.json().items() >= {**facts, "enabled": True, "max_streams": None}.items()
    assert [one.pk for one in Issuer.objects.get().videos.all()] == [video.pk]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"jwks": {"keys": [{**make_jwk(1), "d": "secret"}]}}, None),
        ({"jwks": {"keys": []}}, None),
        ({"jwks": {"keys": "none"}}, None),
        ({"jwks": ["a"]}, "jwks"),
        ({"issuer": "http://testserver"}, None),
        ({"issuer": ""}, "issuer"),
        ({"max_life_s": 0}, "max_life_s"),
        ({"max_life_s": 86_401}, "max_life_s"),
        ({"max_height": 0}, "max_height"),
        ({"origins": ["not an origin"]}, None),
        ({"videos": ["9f0c1a52-6a2e-4c1b-8a55-3f4b8f0f3a10"]}, "videos"),
    ],
    ids=str,
)
def test_what_edges_would_not_take_is_refused(
    facts: dict[str, Any], field: str | None, admin: APIClient
) -> None:
    answer = admin.post(PATH, describe(**facts))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == field
    assert not Issuer.objects.exists()


def test_the_key_of_another_site_is_refused(admin: APIClient) -> None:
    make_issuer(1).save()
    answer = admin.post(PATH, describe(issuer="https://other.example"))
    assert "another's" in answer.json()["errors"][0]["detail"]


def test_a_key_that_is_taken_away_ends_what_it_signed(admin: APIClient) -> None:
    site = make_issuer(1)
    site.save()
    answer = admin.patch(f"{PATH}/{site.pk}", {"jwks": {"keys": [make_jwk(2)]}})
    assert answer.status_code == 200
    assert Revocation.objects.get().subject == make_jwk(1)["kid"]


def test_what_is_not_named_stays(admin: APIClient, video: Video) -> None:
    site = make_issuer(1, max_height=720)
    site.save()
    site.videos.add(video)
    body = admin.patch(f"{PATH}/{site.pk}", {"enabled": False}).json()
    assert (body["max_height"], body["videos"], body["enabled"]) == (720, [str(video.pk)], False)
    assert admin.get(f"{PATH}/{site.pk}").json() == body


def test_a_refused_change_changes_nothing(admin: APIClient) -> None:
    site = make_issuer(1)
    site.save()
    assert admin.patch(f"{PATH}/{site.pk}", {"jwks": {"keys": []}}).status_code == 400
    assert Issuer.objects.get().jwks == site.jwks
    assert not Revocation.objects.exists()


def test_a_site_that_is_deleted_signs_no_more(admin: APIClient) -> None:
    site = make_issuer(1)
    site.save()
    assert admin.delete(f"{PATH}/{site.pk}").status_code == 204
    assert Revocation.objects.get().subject == make_jwk(1)["kid"]
    assert admin.get(f"{PATH}/{site.pk}").status_code == 404


def test_the_list_takes_two_queries_for_any_number(
    admin: APIClient, video: Video, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for seed in range(1, 5):
        site = make_issuer(seed)
        site.save()
        site.videos.add(video)
    with django_assert_num_queries(2):
        assert len(admin.get(PATH).json()["results"]) == 4
