"""Tests for ending what plays: by its viewer, by administrators, and by taking a video down."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.playback.models import PlaybackSession, TakeDown
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from tests.control_plane.accounts.journeys import call, join
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def admin(make_user: MakeUser, log_in: LogIn) -> APIClient:
    return log_in(make_user(Role.ADMIN))


def start(user: User, video: Video) -> str:
    return str(start_playback(user, video.id, now=timezone.now()).session_id)


def list_running(client: APIClient, path: str = "me/sessions") -> list[str]:
    body = client.get(f"/api/v1/{path}?running=true").json()
    return [session["id"] for session in body["results"]]


def revoked() -> set[tuple[str, str]]:
    return set(Revocation.objects.values_list("scope", "subject"))


def test_a_viewer_ends_one_session_of_theirs(member: User, film: Video, log_in: LogIn) -> None:
    one, other = start(member, film), start(member, film)
    client = log_in(member)
    assert client.delete(f"/api/v1/me/sessions/{one}").status_code == 204
    assert revoked() == {("session", one)}
    assert list_running(client) == [other]
    listed = client.get("/api/v1/me/sessions?running=false").json()["results"]
    assert [(session["id"], session["is_ended"]) for session in listed] == [(one, True)]


def test_a_viewer_ends_all_of_theirs_and_nobody_elses(
    member: User, make_user: MakeUser, film: Video, log_in: LogIn
) -> None:
    other = make_user()
    start(member, film)
    theirs = start(other, film)
    assert log_in(member).delete("/api/v1/me/sessions").status_code == 204
    assert revoked() == {("viewer", str(member.pk))}
    assert list_running(log_in(member)) == []
    assert list_running(log_in(other)) == [theirs]


def test_what_began_after_all_was_ended_runs(member: User, film: Video, log_in: LogIn) -> None:
    log_in(member).delete("/api/v1/me/sessions")
    later = timezone.now() + timedelta(seconds=2)
    session_id = str(start_playback(member, film.id, now=later).session_id)
    assert list_running(log_in(member)) == [session_id]


def test_what_has_expired_does_not_run(member: User, film: Video, log_in: LogIn) -> None:
    start(member, film)
    PlaybackSession.objects.update(expires_at=timezone.now())
    assert list_running(log_in(member)) == []


def test_an_administrator_ends_anybodys(member: User, film: Video, admin: APIClient) -> None:
    session_id = start(member, film)
    shown = admin.get(f"/api/v1/sessions/{session_id}").json()
    assert (shown["subject"], shown["is_ended"]) == (str(member.pk), False)
    assert admin.delete(f"/api/v1/sessions/{session_id}").status_code == 204
    assert admin.get(f"/api/v1/sessions/{session_id}").json()["is_ended"]
    assert list_running(admin, "sessions") == []


def test_somebody_who_is_logged_out_has_no_token_cookie_or_film_left(admin: APIClient) -> None:
    held = join()
    user = User.objects.get(email="ada@example.org")
    page = Client()
    page.post(
        "/api/v1/browser/auth/login",
        {"email": user.email, "password": "correct horse battery"},
        "application/json",
    )
    assert page.get("/api/v1/me").status_code == 200
    assert admin.post(f"/api/v1/users/{user.pk}/log-out").status_code == 204
    assert call("GET", "me", **held.headers).status_code == 401
    assert call("POST", "tokens/refresh", {"refresh_token": held.refresh}).status_code == 400
    assert page.get("/api/v1/me").status_code == 401
    assert revoked() == {("viewer", str(user.pk))}


def take_down(client: APIClient, video: Video, **body: Any) -> Any:
    return client.put(f"/api/v1/videos/{video.pk}/take-down", body)


def test_a_video_that_is_taken_down_is_nobodys_to_watch_or_to_publish(
    owner: User, member: User, film: Video, admin: APIClient, log_in: LogIn
) -> None:
    start(member, film)
    assert take_down(admin, film, reason="A complaint").status_code == 204
    assert list_running(log_in(member)) == []
    revocation = Revocation.objects.get()
    assert (revocation.scope, revocation.issued_before) == ("video", None)
    for client in (log_in(owner), admin):
        for what in ("playback", "publish"):
            answer = client.post(f"/api/v1/videos/{film.pk}/{what}")
            assert (answer.status_code, answer.json()["code"]) == (410, "taken_down")
    assert log_in(member).post(f"/api/v1/videos/{film.pk}/playback").status_code == 404


def test_taking_down_twice_keeps_who_did_it_first(
    film: Video, make_user: MakeUser, log_in: LogIn
) -> None:
    one, other = make_user(Role.ADMIN), make_user(Role.ADMIN)
    take_down(log_in(one), film)
    take_down(log_in(other), film, reason="A complaint")
    row = TakeDown.objects.get()
    assert (row.by, row.reason) == (one, "A complaint")


def test_what_is_lifted_may_be_published_and_watched(
    owner: User, member: User, film: Video, admin: APIClient, log_in: LogIn
) -> None:
    take_down(admin, film)
    assert admin.delete(f"/api/v1/videos/{film.pk}/take-down").status_code == 204
    assert not Revocation.objects.exists()
    assert log_in(owner).post(f"/api/v1/videos/{film.pk}/publish").status_code == 200
    assert log_in(member).post(f"/api/v1/videos/{film.pk}/playback").status_code == 201


@pytest.fixture
def pages(make_user: MakeUser) -> Client:
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    return client


def act(client: Client, name: str, action: str, row: object) -> None:
    form = {"action": action, "_selected_action": str(row)}
    answer = client.post(f"/admin/{name}/", form, follow=True)
    assert answer.status_code == 200


def test_sessions_are_ended_in_the_admin(member: User, film: Video, pages: Client) -> None:
    session_id = start(member, film)
    act(pages, "playback/playbacksession", "end", session_id)
    assert revoked() == {("session", session_id)}
    assert session_id.encode() in pages.get("/admin/playback/playbacksession/?running=no").content
    running = pages.get("/admin/playback/playbacksession/?running=yes").content
    assert session_id.encode() not in running


def test_users_are_logged_out_in_the_admin(member: User, pages: Client) -> None:
    act(pages, "accounts/user", "log_out", member.pk)
    assert revoked() == {("viewer", str(member.pk))}


def test_videos_are_taken_down_and_lifted_in_the_admin(film: Video, pages: Client) -> None:
    act(pages, "catalogue/video", "take_down", film.pk)
    assert revoked() == {("video", str(film.pk))}
    assert film.title.encode() in pages.get("/admin/playback/takedown/").content
    act(pages, "catalogue/video", "lift", film.pk)
    assert revoked() == set()
