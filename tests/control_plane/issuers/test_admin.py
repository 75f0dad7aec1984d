"""Tests for control_plane/issuers/admin.py."""

import json
from typing import Any

import pytest
from django.test import Client

from control_plane.accounts.models import Role, User
from control_plane.issuers.models import Issuer
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.issuers.sites import make_issuer, make_jwk

pytestmark = pytest.mark.django_db

LIST = "/admin/issuers/issuer/"


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def form(**changes: Any) -> dict[str, Any]:
    jwks = json.dumps({"keys": [make_jwk(1)]})
    return {
        "issuer": "https://site-1.example",
        "enabled": "on",
        "jwks": jwks,
        "max_life_s": "3600",
        "max_height": "720",
        "max_streams": "",
        "origins": "https://a.example, https://b.example",
        **changes,
    }


def test_a_site_is_added_with_its_videos(
    client: Client, admin: User, make_video: MakeVideo
) -> None:
    video = make_video(admin)
    assert client.post(f"{LIST}add/", form(videos=[str(video.pk)])).status_code == 302
    site = Issuer.objects.get()
    assert (site.max_height, site.max_streams) == (720, None)
    assert site.origins == ["https://a.example", "https://b.example"]
    assert list(site.videos.all()) == [video]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "http://testserver"}, "an iss that is taken"),
        ({"jwks": '{"keys": []}'}, "without a usable key"),
        ({"jwks": "no JSON"}, "valid JSON"),
        ({"max_life_s": "86401"}, "86400"),
        ({"origins": "site.example"}, "not an origin"),
    ],
    ids=["our own iss", "no key", "no JSON", "too long a life", "no origin"],
)
def test_a_site_that_may_not_sign_is_refused_with_the_reason(
    change: dict[str, str], why: str, client: Client
) -> None:
    answer = client.post(f"{LIST}add/", form(**change))
    assert why in answer.content.decode()
    assert not Issuer.objects.exists()


def test_a_site_is_stopped_and_deleted(client: Client) -> None:
    make_issuer().save()
    site = Issuer.objects.get()
    disabled = {name: value for name, value in form().items() if name != "enabled"}
    assert client.post(f"{LIST}{site.pk}/change/", disabled).status_code == 302
    assert Revocation.objects.get().subject == make_jwk(1)["kid"]
    assert client.post(f"{LIST}{site.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Issuer.objects.exists()


def test_sites_deleted_from_the_list_lose_their_keys(client: Client) -> None:
    for number in (1, 2):
        make_issuer(number).save()
    chosen = [str(pk) for pk in Issuer.objects.values_list("pk", flat=True)]
    action = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client.post(LIST, action)
    assert not Issuer.objects.exists()
    assert Revocation.objects.count() == 2


def test_nobody_but_administrators_lets_sites_sign(make_user: MakeUser) -> None:
    client = Client()
    client.force_login(make_user(Role.CREATOR))
    client.post(f"{LIST}add/", form())
    assert not Issuer.objects.exists()
