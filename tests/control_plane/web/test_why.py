"""Tests for control_plane/web/why.py: what the admin is told of a refusal."""

import pytest
from django.test import Client
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import PlaceRule
from control_plane.entitlements.services import grant_access
from control_plane.playback.services import start_playback
from tests.control_plane.conftest import LogIn, MakeUser
from tests.control_plane.refusals.records import keep_refusal
from tests.control_plane.web.conftest import MakeVideo

pytestmark = pytest.mark.django_db

WHY = "/admin/why"


@pytest.fixture
def admin(owner: User) -> User:
    return owner


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def video(make_video: MakeVideo) -> Video:
    return make_video("A film", visibility="entitled")


def ask(client: Client, **query: str) -> str:
    answer = client.get(WHY, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_refused_playback_is_told_as_it_was_then(
    client: Client, video: Video, make_user: MakeUser, log_in: LogIn, admin: User
) -> None:
    viewer = make_user()
    answer = log_in(viewer).post(f"/api/v1/videos/{video.pk}/playback")
    assert answer.json()["code"] == "not_entitled"
    grant_access(viewer, video.pk, by=admin, expires_at=None)
    page = ask(client, decision=answer.json()["decision_id"])
    assert "There is no grant for it." in page
    assert "Refused." in page
    assert "Neither the owner nor an administrator." in page


def test_a_refusal_of_the_edge_is_told_with_what_the_control_plane_had_asked(
    client: Client, admin: User, video: Video, make_user: MakeUser
) -> None:
    viewer = make_user()
    grant_access(viewer, video.pk, by=admin, expires_at=None)
    session_id = start_playback(viewer, video.pk, now=timezone.now()).session_id
    refusal = keep_refusal(session_id=str(session_id), video_id=str(video.pk))
    page = ask(client, decision=refusal.pk)
    assert "The edge, 2026-01-01" in page
    assert "It expired 3 s ago." in page
    assert "The control plane, when the URL was issued" in page
    assert "The grant to the user opens it." in page


def test_a_viewer_and_a_video_are_judged_now(
    client: Client, video: Video, make_user: MakeUser
) -> None:
    viewer = make_user()
    for wanted in (str(video.pk), video.slug):
        page = ask(client, viewer=viewer.email, video=wanted)
        assert "was not granted the video" in page
    page = ask(client, viewer="", video=video.slug)
    assert "Log in to watch this video." in page


def test_a_place_is_judged_where_one_is_named(client: Client, video: Video, admin: User) -> None:
    grant_access("a@example.org", video.pk, by=admin, expires_at=None)
    PlaceRule.objects.create(kind="network", value="192.0.2.0/24", action="block")
    Video.objects.update(visibility="public")
    assert "Allowed." in ask(client, video=video.slug)
    page = ask(client, video=video.slug, address="192.0.2.7")
    assert "It may not be watched from here (block 192.0.2.0/24)." in page


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"decision": "x"}, "A decision id has 16 characters"),
        ({"decision": "0" * 16}, "Nothing is kept of it."),
        ({"video": "nothing"}, "There is no such video."),
        ({"video": "nothing", "viewer": "nobody@example.org"}, "Nobody has this address."),
    ],
    ids=str,
)
def test_what_cannot_be_answered_is_said(client: Client, query: dict[str, str], fault: str) -> None:
    answer = client.get(WHY, query)
    assert answer.status_code == 400
    assert fault in answer.content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CREATOR])
def test_only_administrators_are_told(role: Role, make_user: MakeUser) -> None:
    client = Client()
    client.force_login(make_user(role))
    assert client.get(WHY, follow=True).status_code == 403
