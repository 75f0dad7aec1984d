"""Tests for the document of other sites: control_plane/issuers/selectors.py and api.py."""

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import Role
from shared.issuers import Ceiling, Issuers, parse_issuers
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.issuers.sites import make_issuer, make_jwk

pytestmark = pytest.mark.django_db

PATH = "/.well-known/issuers.json"


def fetch() -> Issuers:
    return parse_issuers(Client().get(PATH).content, own="http://testserver")


def test_without_other_sites_the_document_is_empty() -> None:
    assert Client().get(PATH).content == b'{"issuers":[]}'


def test_a_site_is_published_as_edges_read_it(make_user: MakeUser, make_video: MakeVideo) -> None:
    video = make_video(make_user(Role.CREATOR))
    site = make_issuer(max_life_s=60, max_height=720, max_streams=2, origins=["https://a.example"])
    site.save()
    site.videos.add(video)
    read = fetch()
    (issuer,) = read.issuers
    assert (issuer.issuer, set(issuer.keys), read.faults) == (
        site.issuer,
        {make_jwk(1)["kid"]},
        (),
    )
    assert issuer.ceiling == Ceiling(
        videos=frozenset({str(video.pk)}),
        max_life_s=60,
        max_height=720,
        max_streams=2,
        origins=frozenset({"https://a.example"}),
    )


def test_a_site_opens_only_what_is_published(make_user: MakeUser, make_video: MakeVideo) -> None:
    owner, now = make_user(Role.CREATOR), timezone.now()
    moments = (None, now + timedelta(days=1), now - timedelta(days=1))
    draft, coming, shown = (make_video(owner, published_at=moment) for moment in moments)
    site = make_issuer()
    site.save()
    site.videos.add(draft, coming, shown)
    assert fetch().issuers[0].ceiling.videos == {str(shown.pk)}


def test_only_usable_keys_are_published() -> None:
    other = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa"}
    make_issuer(jwks={"keys": [other, make_jwk(1), "nonsense"]}).save()
    (published,) = Client().get(PATH).json()["issuers"]
    assert published["jwks"] == {"keys": [make_jwk(1)]}


def test_a_site_that_is_not_enabled_is_not_published() -> None:
    make_issuer(1, enabled=False).save()
    make_issuer(2).save()
    assert [one.issuer for one in fetch().issuers] == ["https://site-2.example"]


def test_a_row_that_was_spoilt_keeps_no_other_from_playing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_issuer(1, max_life_s=10**6).save()
    make_issuer(2).save()
    with caplog.at_level(logging.ERROR):
        assert [one.issuer for one in fetch().issuers] == ["https://site-2.example"]
    assert [record.message for record in caplog.records] == ["a site left out"]


def test_the_document_takes_as_many_queries_for_many_sites_as_for_one(
    make_user: MakeUser, make_video: MakeVideo, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    video = make_video(make_user(Role.CREATOR))
    for number in range(1, 5):
        site = make_issuer(number)
        site.save()
        site.videos.add(video)
        with django_assert_num_queries(2):
            assert len(fetch().issuers) == number


def test_the_document_may_be_kept_for_a_minute_by_anybody() -> None:
    answer = Client().get(PATH)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies


def test_the_document_is_only_read() -> None:
    assert Client().post(PATH).status_code == 405
