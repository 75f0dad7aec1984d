"""Tests for control_plane/entitlements/services.py: what ends when a grant does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant
from control_plane.entitlements.services import change_grant, grant_access, take_back
from control_plane.playback.models import PlaybackSession
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
SOON, TOMORROW = NOW + timedelta(hours=1), NOW + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """A viewer who watches what was granted to them, and the grant."""

    owner: User
    viewer: User
    video: Video
    grant: Grant
    session_id: UUID


@pytest.fixture
def stage(make_user: MakeUser, make_video: MakeVideo) -> Stage:
    owner, viewer = make_user(Role.CREATOR), make_user()
    video = make_video(owner, visibility="entitled")
    grant, _ = grant_access(viewer, video.pk, by=owner, expires_at=None)
    session_id = start_playback(viewer, video.pk, now=NOW).session_id
    return Stage(owner, viewer, video, grant, session_id)


def ended() -> set[tuple[str, str]]:
    return set(Revocation.objects.values_list("scope", "subject"))


def test_a_grant_taken_back_ends_what_is_watched_by_it(stage: Stage) -> None:
    take_back(stage.grant, now=NOW)
    assert ended() == {("session", str(stage.session_id))}
    assert not Grant.objects.exists()


def test_other_viewers_and_videos_go_on(
    stage: Stage, make_user: MakeUser, make_video: MakeVideo
) -> None:
    other = make_user()
    grant_access(other, stage.video.pk, by=stage.owner, expires_at=None)
    start_playback(other, stage.video.pk, now=NOW)
    start_playback(stage.viewer, make_video(stage.owner).pk, now=NOW)
    take_back(stage.grant, now=NOW)
    assert ended() == {("session", str(stage.session_id))}


def test_sessions_that_are_over_are_not_ended_again(stage: Stage) -> None:
    PlaybackSession.objects.update(expires_at=NOW)
    take_back(stage.grant, now=NOW)
    assert ended() == set()


def test_a_viewer_with_another_grant_goes_on(stage: Stage) -> None:
    grant_access(stage.viewer.email, stage.video.pk, by=stage.owner, expires_at=None)
    take_back(stage.grant, now=NOW)
    assert ended() == set()


def test_of_another_grant_that_ends_sooner_only_shorter_sessions_go_on(stage: Stage) -> None:
    grant_access(stage.viewer.email, stage.video.pk, by=stage.owner, expires_at=SOON)
    short = start_playback(stage.viewer, stage.video.pk, now=NOW, valid_for_s=60)
    take_back(stage.grant, now=NOW)
    assert ended() == {("session", str(stage.session_id))}
    assert PlaybackSession.objects.filter(pk=short.session_id).exists()


def test_a_viewer_who_needs_no_grant_any_more_goes_on(stage: Stage) -> None:
    Video.objects.update(visibility="members")
    take_back(stage.grant, now=NOW)
    assert ended() == set()


def test_a_grant_to_an_address_ends_for_whoever_has_it(stage: Stage) -> None:
    take_back(stage.grant, now=NOW)
    Revocation.objects.all().delete()
    grant, _ = grant_access(stage.viewer.email, stage.video.pk, by=stage.owner, expires_at=None)
    take_back(grant, now=NOW)
    assert ended() == {("session", str(stage.session_id))}


def test_a_grant_to_an_address_without_an_account_ends_nothing(stage: Stage) -> None:
    grant, _ = grant_access("new@example.org", stage.video.pk, by=stage.owner, expires_at=None)
    take_back(grant, now=NOW)
    assert ended() == set()


@pytest.mark.parametrize(
    ("expires_at", "is_ended"), [(SOON, True), (TOMORROW, False)], ids=["sooner", "late enough"]
)
def test_a_grant_that_is_cut_short_ends_sessions_beyond_it(
    stage: Stage, expires_at: datetime, is_ended: bool
) -> None:
    stage.grant.expires_at = expires_at
    change_grant(stage.grant, now=NOW)
    assert bool(ended()) is is_ended
    assert Grant.objects.get().expires_at == expires_at


def test_a_grant_that_is_given_to_another_ends_for_the_one_before(
    stage: Stage, make_user: MakeUser
) -> None:
    stage.grant.user = make_user()
    change_grant(stage.grant, now=NOW)
    assert ended() == {("session", str(stage.session_id))}


def test_the_api_ends_what_it_takes_back(stage: Stage, log_in: LogIn) -> None:
    assert log_in(stage.owner).delete(f"/api/v1/grants/{stage.grant.pk}").status_code == 204
    assert ended() == {("session", str(stage.session_id))}


@pytest.mark.parametrize("way", ["change", "delete", "list"])
def test_the_admin_ends_what_it_takes_back(way: str, stage: Stage, make_user: MakeUser) -> None:
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    page, grant = "/admin/entitlements/grant/", str(stage.grant.pk)
    if way == "change":
        form = {"video": stage.video.pk, "user": "", "email": "b@example.org", "note": ""}
        client.post(f"{page}{grant}/change/", form)
    elif way == "delete":
        client.post(f"{page}{grant}/delete/", {"post": "yes"})
    else:
        action = {"action": "delete_selected", "_selected_action": [grant], "post": "yes"}
        client.post(page, action)
    assert ended() == {("session", str(stage.session_id))}
