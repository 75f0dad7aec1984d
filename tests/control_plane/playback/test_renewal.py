"""Tests for renewing playback: the same session and asset, a later end, judged anew."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import User
from control_plane.catalogue.models import Asset, Video
from control_plane.entitlements.models import Grant
from control_plane.playback.models import PlaybackSession
from control_plane.playback.selectors import access_session
from control_plane.playback.services import (
    end_all_sessions,
    end_session,
    renew_playback,
    start_playback,
)
from control_plane.revocations.services import revoke_video
from shared.tokens import MAX_TOKEN_LIFE
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo
from tests.control_plane.playback.conftest import parse, read_claims

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def member(make_user: MakeUser) -> User:
    return make_user()


def start(client: APIClient, video: Video) -> Any:
    return client.post(f"/api/v1/videos/{video.id}/playback").json()


def renew(client: APIClient, session_id: str, **body: str) -> Any:
    return client.post(f"/api/v1/sessions/{session_id}/renewal", body)


def age(session_id: str, by: timedelta) -> None:
    """Let a session have begun earlier."""
    session = PlaybackSession.objects.get(pk=session_id)
    session.issued_at -= by
    session.expires_at -= by
    session.save()


def test_what_plays_goes_on_in_the_same_session_and_asset(
    member: User, film: Video, log_in: LogIn
) -> None:
    first = start(log_in(member), film)
    age(first["session_id"], HOUR)
    asset = Asset.objects.create(
        id=uuid4(), video=film, duration_ms=60_000, size_bytes=1, heights=[360]
    )
    Video.objects.filter(pk=film.pk).update(asset=asset)
    answer = renew(log_in(member), first["session_id"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    again = answer.json()
    assert again["session_id"] == first["session_id"]
    assert parse(again["url"]).asset_id == parse(first["url"]).asset_id
    before, after = read_claims(first["url"]), read_claims(again["url"])
    assert (after.session_id, after.subject, after.start_by) == (
        before.session_id,
        before.subject,
        None,
    )
    assert after.expires_at >= before.expires_at
    assert PlaybackSession.objects.count() == 1


def test_without_its_asset_a_session_goes_on_with_the_present_one(
    member: User, film: Video, log_in: LogIn
) -> None:
    first = start(log_in(member), film)
    asset = Asset.objects.create(
        id=uuid4(), video=film, duration_ms=60_000, size_bytes=1, heights=[360]
    )
    Video.objects.filter(pk=film.pk).update(asset=asset)
    Asset.objects.exclude(pk=asset.pk).delete()
    again = renew(log_in(member), first["session_id"]).json()
    assert parse(again["url"]).asset_id == str(asset.pk)


def test_a_visitor_shows_the_url_that_they_have(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    first = start(visitor, make_video(owner, visibility="public"))
    age(first["session_id"], HOUR)
    again = renew(visitor, first["session_id"], url=first["url"]).json()
    assert read_claims(again["url"]).subject == f"anonymous:{first['session_id']}"


def test_nobody_renews_what_is_not_theirs(
    owner: User, member: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    video = make_video(owner, visibility="public")
    theirs, mine = (start(log_in(user), video) for user in (member, make_user()))
    for client in (log_in(None), log_in(make_user())):
        assert renew(client, theirs["session_id"]).status_code == 404
        assert renew(client, theirs["session_id"], url=mine["url"]).status_code == 404
        assert renew(client, str(uuid4())).status_code == 404


@pytest.mark.parametrize(
    "url", ["", "x", "http://[", "http://edge.test/v1/a/b/main.m3u8", "x" * 5000]
)
def test_what_is_no_playback_url_is_refused(
    url: str, member: User, film: Video, log_in: LogIn
) -> None:
    first = start(log_in(member), film)
    answer = renew(log_in(member), first["session_id"], url=url)
    assert answer.status_code in (400, 404)


def test_a_forged_url_renews_nothing(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    first = start(visitor, make_video(owner, visibility="public"))
    token = parse(first["url"]).token
    assert token is not None
    forged = first["url"].replace(token, token[:-4] + "AAAA")
    assert renew(visitor, first["session_id"], url=forged).status_code == 404


def test_whoever_may_not_watch_any_more_may_not_watch_on(
    owner: User, member: User, make_video: MakeVideo, log_in: LogIn
) -> None:
    video = make_video(owner, visibility="entitled")
    grant = Grant.objects.create(user=member, video=video)
    first = start(log_in(member), video)
    grant.delete()
    answer = renew(log_in(member), first["session_id"])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_entitled")


@pytest.mark.parametrize("how", ["the session", "all of the viewer", "the video", "a day ago"])
def test_what_is_over_is_not_renewed(
    how: str, owner: User, member: User, make_video: MakeVideo, log_in: LogIn
) -> None:
    video = make_video(owner, visibility="public")
    first = start(log_in(member), video)
    session = PlaybackSession.objects.get()
    now = timezone.now()
    if how == "the session":
        end_session(session, now=now)
    elif how == "all of the viewer":
        end_all_sessions(member, now=now)
    elif how == "the video":
        revoke_video(str(video.pk), now=now)
    else:
        age(first["session_id"], timedelta(seconds=MAX_TOKEN_LIFE))
    answer = renew(log_in(member), first["session_id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "session_over")


def test_no_url_of_a_session_is_good_for_longer_than_a_day_after_it_began(
    member: User, film: Video
) -> None:
    now = timezone.now().replace(microsecond=0)
    session_id = start_playback(member, film.id, now=now).session_id
    later = now + timedelta(hours=23)
    renewed = renew_playback(access_session(session_id), now=later)
    assert renewed.expires_at == now + timedelta(seconds=MAX_TOKEN_LIFE)
