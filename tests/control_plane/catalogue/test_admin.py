"""Tests for control_plane/catalogue/admin.py."""

import pytest
from django.test import Client
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Leftover, Video
from control_plane.entitlements.models import Grant
from control_plane.playback.models import PlaybackSession
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from control_plane.transcodes.models import TranscodeJob
from tests.control_plane.conftest import LONG_AGO, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

VIDEOS = "/admin/catalogue/video/"


@pytest.fixture
def admin_user(make_user: MakeUser) -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def admin(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def act(admin: Client, action: str, *videos: Video) -> None:
    chosen = [str(video.pk) for video in videos]
    admin.post(VIDEOS, {"action": action, "_selected_action": chosen, "post": "yes"})


def test_videos_are_shown(admin: Client, admin_user: User, make_video: MakeVideo) -> None:
    video = make_video(admin_user)
    for path in (VIDEOS, f"{VIDEOS}{video.pk}/change/", f"{VIDEOS}?q=film"):
        assert admin.get(path).status_code == 200


def test_ready_videos_are_published_and_others_are_not(
    admin: Client, admin_user: User, make_video: MakeVideo
) -> None:
    ready = make_video(admin_user, published_at=None)
    empty = make_video(admin_user, published_at=None, is_ready=False)
    act(admin, "publish", ready, empty)
    published = Video.objects.exclude(published_at=None)
    assert list(published) == [ready]


def test_videos_are_unpublished(admin: Client, admin_user: User, make_video: MakeVideo) -> None:
    act(admin, "unpublish", make_video(admin_user))
    assert Video.objects.get().published_at is None


NO_ROWS = {
    f"{name}-{count}_FORMS": "0" for name in ("assets", "grants") for count in ("TOTAL", "INITIAL")
}


def test_a_video_is_granted_and_taken_back_on_its_own_page(
    admin: Client, admin_user: User, make_video: MakeVideo, make_user: MakeUser
) -> None:
    video, viewer = make_video(admin_user, visibility="entitled"), make_user()
    page = f"{VIDEOS}{video.pk}/change/"
    facts = {"title": "A film", "visibility": "entitled", "owner": str(admin_user.pk)}
    grant = {"grants-0-user": str(viewer.pk), "grants-0-email": "", "grants-0-note": ""}
    answer = admin.post(page, {**facts, **NO_ROWS, **grant, "grants-TOTAL_FORMS": "1"})
    assert answer.status_code == 302
    made = Grant.objects.get()
    assert (made.user, made.video, made.granted_by) == (viewer, video, admin_user)
    session_id = start_playback(viewer, video.pk, now=timezone.now()).session_id
    taken = {"grants-0-id": str(made.pk), "grants-0-DELETE": "on", "grants-INITIAL_FORMS": "1"}
    admin.post(page, {**facts, **NO_ROWS, **grant, **taken, "grants-TOTAL_FORMS": "1"})
    assert not Grant.objects.exists()
    assert Revocation.objects.get().subject == str(session_id)


def test_facts_are_changed_and_the_asset_is_not(
    admin: Client, admin_user: User, make_video: MakeVideo
) -> None:
    video = make_video(admin_user)
    form = {"title": "New", "visibility": "public", "owner": str(admin_user.pk), "asset": ""}
    admin.post(f"{VIDEOS}{video.pk}/change/", {**form, **NO_ROWS})
    after = Video.objects.get()
    assert (after.title, after.visibility) == ("New", "public")
    assert (after.asset, after.published_at) == (video.asset, LONG_AGO)


def test_video_is_deleted_with_all_that_belongs_to_it(
    admin: Client, admin_user: User, make_video: MakeVideo
) -> None:
    video = make_video(admin_user)
    TranscodeJob.objects.create(video=video, source_key="a/b")
    PlaybackSession.objects.create(
        video=video, rule="public", issued_at=LONG_AGO, expires_at=LONG_AGO
    )
    assert admin.get(f"{VIDEOS}{video.pk}/delete/").status_code == 200
    admin.post(f"{VIDEOS}{video.pk}/delete/", {"post": "yes"})
    assert not Video.objects.exists()
    assert Leftover.objects.filter(place__startswith="originals/").exists()


def test_chosen_videos_are_deleted(admin: Client, admin_user: User, make_video: MakeVideo) -> None:
    act(admin, "delete_selected", make_video(admin_user), make_video(admin_user))
    assert not Video.objects.exists()
    assert Leftover.objects.filter(place__startswith="originals/").count() == 2


def test_creator_does_not_come_in(
    client: Client, make_user: MakeUser, make_video: MakeVideo
) -> None:
    creator = make_user(Role.CREATOR)
    client.force_login(creator)
    act(client, "unpublish", make_video(creator))
    assert client.get(VIDEOS).status_code in (302, 403)
    assert Video.objects.get().published_at is not None
