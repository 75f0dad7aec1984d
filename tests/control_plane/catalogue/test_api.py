"""Tests for control_plane/catalogue/api.py: who may see and change which video."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant, Visibility
from control_plane.transcodes.models import TranscodeJob
from tests.control_plane.conftest import LONG_AGO, LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

FUTURE = datetime(2199, 1, 1, tzinfo=UTC)
OUTSIDERS = ["stranger", "viewer", "visitor"]


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR, email="owner@example.org")


@pytest.fixture
def clients(make_user: MakeUser, log_in: LogIn, owner: User) -> dict[str, APIClient]:
    """Everybody who may come by."""
    return {
        "owner": log_in(owner),
        "admin": log_in(make_user(Role.ADMIN)),
        "stranger": log_in(make_user(Role.CREATOR)),
        "viewer": log_in(make_user(Role.VIEWER)),
        "visitor": log_in(None),
    }


def path_of(video: Video, action: str = "") -> str:
    return f"/api/v1/videos/{video.pk}{action and '/'}{action}"


def titles(answer: Any) -> list[str]:
    return [video["title"] for video in answer.json()["results"]]


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_creators_and_administrators_create_drafts(clients: dict[str, APIClient], who: str) -> None:
    given = {"title": "A film", "description": "Long.", "visibility": "public"}
    answer = clients[who].post("/api/v1/videos", given)
    assert answer.status_code == 201
    assert answer.json().items() >= given.items()
    assert answer.json()["published_at"] is None
    assert clients[who].get(f"/api/v1/videos/{answer.json()['id']}").status_code == 200


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("visitor", 401)])
def test_others_create_nothing(clients: dict[str, APIClient], who: str, status: int) -> None:
    assert clients[who].post("/api/v1/videos", {"title": "A film"}).status_code == status
    assert not Video.objects.exists()


INVALID = {
    "no-title": {},
    "empty-title": {"title": " "},
    "long-title": {"title": "x" * 201},
    "unknown-visibility": {"title": "A film", "visibility": "secret"},
    "null-title": {"title": None},
    "list": [],
}


@pytest.mark.parametrize("given", INVALID.values(), ids=INVALID)
def test_video_that_makes_no_sense_is_refused(clients: dict[str, APIClient], given: Any) -> None:
    answer = clients["owner"].post("/api/v1/videos", given)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_owner_is_whoever_creates_it(clients: dict[str, APIClient], owner: User) -> None:
    clients["owner"].post("/api/v1/videos", {"title": "A film", "owner": str(uuid4())})
    assert Video.objects.get().owner == owner


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        (Visibility.PUBLIC, {"owner", "admin", "stranger", "viewer", "visitor"}),
        (Visibility.MEMBERS, {"owner", "admin", "stranger", "viewer"}),
        (Visibility.ENTITLED, {"owner", "admin"}),
    ],
)
def test_published_video_is_seen_by_those_it_is_for(
    clients: dict[str, APIClient],
    owner: User,
    make_video: MakeVideo,
    visibility: Visibility,
    seen_by: set[str],
) -> None:
    video = make_video(owner, visibility=visibility)
    for who, client in clients.items():
        assert client.get(path_of(video)).status_code == (200 if who in seen_by else 404)
        listed = titles(client.get("/api/v1/videos"))
        assert listed == (["A film"] if who in seen_by else [])


@pytest.mark.parametrize("published_at", [None, FUTURE], ids=["draft", "later"])
def test_unpublished_video_is_seen_by_owner_and_administrator(
    clients: dict[str, APIClient],
    owner: User,
    make_video: MakeVideo,
    published_at: datetime | None,
) -> None:
    video = make_video(owner, visibility="public", published_at=published_at)
    for who, client in clients.items():
        assert client.get(path_of(video)).status_code == (404 if who in OUTSIDERS else 200)


def test_granted_video_is_seen_by_whom_it_was_granted(
    owner: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    friend = make_user(email="friend@example.org")
    video = make_video(owner, visibility=Visibility.ENTITLED)
    Grant.objects.create(user=friend, video=video, granted_by=owner)
    assert log_in(friend).get(path_of(video)).status_code == 200


def test_detail_shows_what_the_asset_is(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    shown = clients["viewer"].get(path_of(make_video(owner))).json()
    assert (shown["duration_ms"], shown["heights"]) == (60_000, [360, 720])


def test_video_without_an_asset_has_neither_duration_nor_poster(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    shown = clients["owner"].get(path_of(make_video(owner, is_ready=False))).json()
    assert (shown["duration_ms"], shown["heights"], shown["poster_url"]) == (None, [], None)


def test_sound_alone_has_its_cover(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner)
    assert video.asset is not None
    video.asset.heights = []
    video.asset.save()
    shown = clients["owner"].get(path_of(video)).json()
    assert shown["poster_url"].endswith(f"/{video.asset_id}/poster/poster.jpg")


def test_everybody_has_the_same_poster_url(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, visibility="public")
    urls = {client.get(path_of(video)).json()["poster_url"] for client in clients.values()}
    assert len(urls) == 1
    assert urls.pop().startswith("http://edge.test/v1/")


def test_email_of_an_owner_is_for_administrators_alone(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, visibility="public")
    for who, client in clients.items():
        shown = client.get(path_of(video)).json()["owner"]
        assert shown["id"] == str(owner.pk)
        assert ("email" in shown) == (who == "admin")


def test_newest_job_is_shown_to_those_who_may_change_the_video(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, visibility="public")
    TranscodeJob.objects.create(video=video, source_key="a/b", state="failed")
    newest = TranscodeJob.objects.create(video=video, source_key="a/b", fraction=0.5)
    expected = {"id": str(newest.pk), "state": "queued", "fraction": 0.5}
    for who, client in clients.items():
        shown = client.get(path_of(video)).json()["newest_job"]
        assert shown == (None if who in OUTSIDERS else expected)


def test_list_takes_as_many_queries_for_many_videos(
    clients: dict[str, APIClient],
    owner: User,
    make_video: MakeVideo,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        TranscodeJob.objects.create(video=make_video(owner), source_key="a/b")
    clients["admin"].get("/api/v1/videos")  # reads the signing key
    for name, client in clients.items():
        asks_permissions = name not in ("visitor", "admin")
        with django_assert_num_queries(2 if asks_permissions else 1):
            client.get("/api/v1/videos")


def test_list_goes_on_by_cursor_newest_first(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    for number in range(5):
        make_video(owner, title=str(number))
    first = clients["viewer"].get("/api/v1/videos", {"page_size": 3})
    second = clients["viewer"].get(first.json()["next"])
    assert titles(first) + titles(second) == ["4", "3", "2", "1", "0"]
    assert second.json()["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"owner": "me"}, ["Mine", "My draft"]),
        ({"visibility": "public"}, ["Free"]),
        ({"search": "FRE"}, ["Free"]),
        ({"search": "absent"}, []),
        ({"published": "true"}, ["Mine", "Free"]),
        ({"published": "false"}, ["My draft"]),
        ({"owner": "me", "published": "true"}, ["Mine"]),
    ],
    ids=str,
)
def test_list_is_narrowed(
    clients: dict[str, APIClient],
    owner: User,
    make_user: MakeUser,
    make_video: MakeVideo,
    query: dict[str, str],
    expected: list[str],
) -> None:
    make_video(make_user(Role.CREATOR), title="Free", visibility="public")
    make_video(owner, title="My draft", published_at=None)
    make_video(owner, title="Mine")
    assert titles(clients["owner"].get("/api/v1/videos", query)) == expected


def test_visitor_owns_nothing(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    make_video(owner, visibility="public")
    assert titles(clients["visitor"].get("/api/v1/videos", {"owner": "me"})) == []


@pytest.mark.parametrize("query", [{"owner": "you"}, {"visibility": "secret"}], ids=str)
def test_list_refuses_filters_that_are_none(
    clients: dict[str, APIClient], query: dict[str, str]
) -> None:
    assert clients["owner"].get("/api/v1/videos", query).status_code == 400


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_video_is_changed_in_part(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo, who: str
) -> None:
    video = make_video(owner, title="Old", description="Long.")
    answer = clients[who].patch(path_of(video), {"title": "New", "visibility": "public"})
    assert answer.status_code == 200
    video.refresh_from_db()
    assert (video.title, video.description, video.visibility) == ("New", "Long.", "public")


def test_facts_that_are_not_the_owners_to_set_stay(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, published_at=None)
    clients["owner"].patch(
        path_of(video), {"published_at": "2020-01-01", "asset": None, "duration_ms": 1}
    )
    after = Video.objects.get()
    assert (after.published_at, after.asset) == (None, video.asset)


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize(
    ("method", "action"),
    [("patch", ""), ("delete", ""), ("post", "publish"), ("post", "unpublish"), ("post", "source")],
)
def test_video_of_somebody_else_is_not_changed(
    clients: dict[str, APIClient],
    owner: User,
    make_video: MakeVideo,
    who: str,
    method: str,
    action: str,
) -> None:
    video = make_video(owner, visibility="public", title="Old")
    answer = getattr(clients[who], method)(path_of(video, action), {"title": "New"})
    expected = {"visitor": 401, "viewer": 403 if action == "source" else 404, "stranger": 404}
    assert answer.status_code == expected[who]
    after = Video.objects.get()
    assert (after.title, after.published_at) == ("Old", LONG_AGO)


def test_video_with_an_asset_is_published_once(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, published_at=None)
    first = clients["owner"].post(path_of(video, "publish")).json()["published_at"]
    second = clients["owner"].post(path_of(video, "publish")).json()["published_at"]
    assert first == second is not None


def test_video_to_be_published_later_may_be_published_now(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, published_at=FUTURE)
    clients["owner"].post(path_of(video, "publish"))
    video.refresh_from_db()
    assert video.published_at is not None
    assert video.published_at <= timezone.now()


def test_video_without_an_asset_is_not_published(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, published_at=None, is_ready=False)
    answer = clients["owner"].post(path_of(video, "publish"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    video.refresh_from_db()
    assert video.published_at is None


def test_video_is_unpublished_as_often_as_one_likes(
    clients: dict[str, APIClient], owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner)
    for _ in range(2):
        answer = clients["owner"].post(path_of(video, "unpublish"))
        assert (answer.status_code, answer.json()["published_at"]) == (200, None)


def test_deleted_video_is_gone(
    clients: dict[str, APIClient],
    owner: User,
    make_video: MakeVideo,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    video = make_video(owner)
    with django_capture_on_commit_callbacks(execute=True):
        assert clients["owner"].delete(path_of(video)).status_code == 204
    assert clients["owner"].get(path_of(video)).status_code == 404


def test_video_that_never_was_is_not_found(clients: dict[str, APIClient]) -> None:
    assert clients["admin"].get(f"/api/v1/videos/{uuid4()}").status_code == 404
    assert clients["admin"].get("/api/v1/videos/1").status_code == 404
