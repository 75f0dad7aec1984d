"""Tests for watching lectures, and what share links open: limits, plays, renewal, revocation."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import ShareLink
from control_plane.entitlements.share_links import create_share_link, revoke_share_link
from control_plane.playback.models import PlaybackSession
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo
from tests.control_plane.playback.conftest import read_claims

CLIENTS = 5


@pytest.fixture
def shut(owner: User, make_video: MakeVideo) -> Video:
    """A film that nobody else was granted."""
    return make_video(owner, visibility="entitled")


def play(client: APIClient, secret: str, **body: str) -> Any:
    return client.post(f"/api/v1/share-links/{secret}/playback", body)


@pytest.mark.django_db
def test_a_link_opens_its_video_to_whoever_has_it_within_its_limits(
    owner: User, shut: Video, visitor: APIClient
) -> None:
    link, secret = create_share_link(
        shut.id, by=owner, max_height=480, max_streams=2, origins=["https://a.example"]
    )
    body = play(visitor, secret).json()
    claims = read_claims(body["url"])
    assert claims.subject == link.subject == f"share:{link.pk}"
    assert (claims.max_height, claims.max_streams) == (480, 2)
    assert claims.origins == ("https://a.example",)
    assert claims.start_by is not None
    session = PlaybackSession.objects.get()
    assert (session.user, session.rule) == (None, "share_link")
    assert session.decision["allowed"]


@pytest.mark.django_db
def test_the_account_of_whoever_has_a_link_does_not_matter(
    owner: User, shut: Video, make_user: MakeUser, log_in: LogIn
) -> None:
    link, secret = create_share_link(shut.id, by=owner)
    body = play(log_in(make_user()), secret).json()
    assert read_claims(body["url"]).subject == link.subject


@pytest.mark.django_db
def test_a_passphrase_is_asked_for(owner: User, shut: Video, visitor: APIClient) -> None:
    _, secret = create_share_link(shut.id, by=owner, passphrase="open sesame")
    for body in ({}, {"passphrase": "open"}):
        answer = play(visitor, secret, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "passphrase_wrong")
    assert play(visitor, secret, passphrase="open sesame").status_code == 201


@pytest.mark.django_db
def test_a_secret_that_was_made_up_opens_nothing(visitor: APIClient) -> None:
    answer = play(visitor, "made-up")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.django_db
def test_the_last_play_goes_on_and_is_nobody_elses(
    owner: User, shut: Video, visitor: APIClient
) -> None:
    _, secret = create_share_link(shut.id, by=owner, max_plays=1)
    first = play(visitor, secret).json()
    assert play(visitor, secret).json()["code"] == "share_link_over"
    path = f"/api/v1/sessions/{first['session_id']}/renewal"
    again = visitor.post(path, {"url": first["url"]})
    assert again.status_code == 200
    assert ShareLink.objects.get().plays == 1


@pytest.mark.django_db
def test_a_revoked_link_ends_all_its_sessions_and_renews_none(
    owner: User, shut: Video, visitor: APIClient
) -> None:
    link, secret = create_share_link(shut.id, by=owner)
    first = play(visitor, secret).json()
    revoke_share_link(link, now=timezone.now())
    assert Revocation.objects.get().subject == link.subject
    path = f"/api/v1/sessions/{first['session_id']}/renewal"
    assert visitor.post(path, {"url": first["url"]}).json()["code"] == "session_over"
    link.delete()
    assert visitor.post(path, {"url": first["url"]}).json()["code"] == "session_over"


@pytest.mark.django_db(transaction=True)
def test_the_last_play_is_taken_once_by_many_at_once(owner: User, shut: Video) -> None:
    _, secret = create_share_link(shut.id, by=owner, max_plays=1)
    start = Barrier(CLIENTS)

    def play_together(_number: int) -> int:
        start.wait(10)
        try:
            return int(play(APIClient(), secret).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = sorted(threads.map(play_together, range(CLIENTS)))
    assert statuses == [201, *[410] * (CLIENTS - 1)]
    assert (ShareLink.objects.get().plays, PlaybackSession.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_lecture_is_watched_as_its_video_is(
    owner: User, shut: Video, make_user: MakeUser, log_in: LogIn
) -> None:
    course = owner.courses.create(title="A course")
    lecture = course.lectures.create(video=shut, position=0)
    path = f"/api/v1/lectures/{lecture.pk}/playback"
    body = log_in(owner).post(path).json()
    assert read_claims(body["url"]).video_id == str(shut.pk)
    refused = log_in(make_user(Role.VIEWER)).post(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_entitled")
    assert "decision_id" in refused.json()


@pytest.mark.django_db
def test_there_is_nothing_to_watch_where_there_is_no_lecture(visitor: APIClient) -> None:
    path = "/api/v1/lectures/9f0c1a52-6a2e-4c1b-8a55-3f4b8f0f3a10/playback"
    assert visitor.post(path).status_code == 404
