"""Tests for courses and playlists over the API: orders, totals, previews and privacy."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.courses import NewLecture, add_lecture, list_courses, order_lectures
from control_plane.catalogue.models import Course, Lecture, Playlist, Video
from control_plane.entitlements.models import Grant, Plan, Subscription
from control_plane.errors import Refused
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LONG_AGO, LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def client(owner: User, log_in: LogIn) -> APIClient:
    return log_in(owner)


@pytest.fixture
def course(owner: User) -> Course:
    return Course.objects.create(
        owner=owner, title="Course", visibility="public", published_at=LONG_AGO
    )


Fill = Callable[..., list[Lecture]]


@pytest.fixture
def fill(course: Course, owner: User, make_video: MakeVideo) -> Fill:
    """Puts entitled films into the course, unless told otherwise."""

    def fill(count: int, **facts: Any) -> list[Lecture]:
        facts = {"visibility": "entitled", **facts}
        new = [NewLecture(make_video(owner, **facts).pk) for _ in range(count)]
        return [add_lecture(course, one, by=owner) for one in new]

    return fill


def lectures_of(client: APIClient, course: Course) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/courses/{course.pk}/lectures")
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_course_is_made_filled_and_published(
    client: APIClient, visitor: APIClient, owner: User, make_video: MakeVideo
) -> None:
    made = client.post("/api/v1/courses", {"title": "Cooking", "visibility": "public"}).json()
    path = f"/api/v1/courses/{made['id']}"
    video = make_video(owner)
    body = {"video": str(video.pk), "is_preview": True}
    assert client.post(f"{path}/lectures", body).status_code == 201
    assert client.post(f"{path}/lectures", body).json()["code"] == "lecture_twice"
    assert visitor.get(path).status_code == 404
    assert client.post(f"{path}/publish").status_code == 200
    shown = visitor.get(path).json()
    assert (shown["slug"], shown["lecture_count"], shown["duration_ms"]) == ("cooking", 1, 60_000)
    assert "email" not in shown["owner"]


def test_totals_count_what_is_published(fill: Fill, course: Course, visitor: APIClient) -> None:
    ready = fill(2)
    fill(1, published_at=None)
    fill(1, is_ready=False)
    (shown,) = visitor.get("/api/v1/courses").json()["results"]
    assert (shown["lecture_count"], shown["duration_ms"]) == (2, 120_000)
    ready[0].video.delete()
    assert visitor.get(f"/api/v1/courses/{course.pk}").json()["lecture_count"] == 1


@pytest.mark.django_db(transaction=True)
def test_totals_and_places_are_right_when_many_are_added_at_once(
    course: Course, owner: User, make_video: MakeVideo
) -> None:
    videos = [make_video(owner).pk for _ in range(8)]

    def add(video_id: Any) -> None:
        try:
            add_lecture(course, NewLecture(video_id), by=owner)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, videos))
    positions = Lecture.objects.filter(course=course).values_list("position", flat=True)
    assert sorted(positions) == list(range(8))
    assert list_courses(None, now=timezone.now()).get().lecture_count == 8  # type: ignore[attr-defined]


def test_lectures_are_put_in_another_order_at_once(
    fill: Fill, course: Course, client: APIClient
) -> None:
    ids = [str(lecture.pk) for lecture in fill(3)]
    wanted = [ids[2], ids[0], ids[1]]
    assert client.put(f"/api/v1/courses/{course.pk}/order", {"order": wanted}).status_code == 204
    assert [lecture["id"] for lecture in lectures_of(client, course)] == wanted


@pytest.mark.parametrize("wrong", ["one missing", "one twice", "one of another"])
def test_an_order_of_others_than_stand_there_is_refused(
    wrong: str, fill: Fill, course: Course, client: APIClient
) -> None:
    ids = [str(lecture.pk) for lecture in fill(3)]
    orders = {
        "one missing": ids[:2],
        "one twice": [ids[0], ids[1], ids[1]],
        "one of another": [*ids[:2], str(course.pk)],
    }
    answer = client.put(f"/api/v1/courses/{course.pk}/order", {"order": orders[wrong]})
    assert (answer.status_code, answer.json()["code"]) == (409, "order_outdated")
    assert [lecture["id"] for lecture in lectures_of(client, course)] == ids


@pytest.mark.django_db(transaction=True)
def test_orders_at_once_leave_one_of_them(fill: Fill, course: Course) -> None:
    ids = [lecture.pk for lecture in fill(4)]
    orders = [ids[number:] + ids[:number] for number in range(4)]

    def order(wanted: Any) -> None:
        try:
            order_lectures(course, wanted)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(order, orders))
    assert list(Lecture.objects.filter(course=course).values_list("pk", flat=True)) in orders


def test_a_preview_is_watched_by_whoever_sees_the_course(
    fill: Fill, course: Course, client: APIClient, visitor: APIClient
) -> None:
    first, second = fill(2)
    path = f"/api/v1/courses/{course.pk}/lectures/{first.pk}"
    assert client.patch(path, {"is_preview": True}).json()["is_preview"] is True
    assert [lecture["is_open"] for lecture in lectures_of(visitor, course)] == [True, False]
    for lecture, status in ((first, 201), (second, 401)):
        answer = visitor.post(f"/api/v1/videos/{lecture.video_id}/playback")
        assert answer.status_code == status


def test_whoever_subscribes_to_a_course_watches_its_lectures_and_finds_it(
    fill: Fill, course: Course, make_user: MakeUser, log_in: LogIn
) -> None:
    (lecture,) = fill(1)
    Plan.objects.create(name="Course", course=course, is_open=True)
    viewer = log_in(make_user())
    assert viewer.get("/api/v1/me/courses").json()["results"] == []
    answer = viewer.post("/api/v1/subscriptions", {"course": str(course.pk)})
    assert answer.status_code == 201
    (mine,) = viewer.get("/api/v1/me/courses").json()["results"]
    assert mine["id"] == str(course.pk)
    assert viewer.post(f"/api/v1/videos/{lecture.video_id}/playback").status_code == 201
    assert Subscription.objects.count() == 1


def test_nobody_puts_the_films_of_another_into_a_course(
    course: Course, make_user: MakeUser, make_video: MakeVideo, owner: User
) -> None:
    with pytest.raises(Refused):
        add_lecture(course, NewLecture(make_video(make_user(Role.CREATOR)).pk), by=owner)


def test_lists_take_as_many_queries_for_one_as_for_many(
    fill: Fill,
    course: Course,
    owner: User,
    make_user: MakeUser,
    log_in: LogIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    fill(12)
    member = make_user()
    for number in range(12):
        other = Course.objects.create(
            owner=owner, title=str(number), visibility="members", published_at=LONG_AGO
        )
        Grant.objects.create(user=member, course=other)
        Playlist.objects.create(owner=member, title=str(number))
    playlist = Playlist.objects.create(owner=member, title="Full", privacy="public")
    Grant.objects.create(user=member, course=course)
    for number, video in enumerate(Video.objects.all()):
        playlist.items.create(video=video, position=number)
    client = log_in(member)
    paths = {
        "courses": (13, 1),
        "me/courses": (13, 1),
        "playlists": (13, 1),
        "categories": (0, 1),
        f"courses/{course.pk}/lectures": (12, 2),
        f"playlists/{playlist.pk}/items": (12, 2),
        "videos": (12, 1),
        "plans": (0, 1),
        "subscriptions": (0, 1),
    }
    for path, (rows, queries) in paths.items():
        client.get(f"/api/v1/{path}")  # reads the signing key
        with django_assert_num_queries(queries):
            answer = client.get(f"/api/v1/{path}").json()
        assert len(answer["results"]) == rows, path


def test_a_playlist_shows_each_only_what_they_may_see(
    client: APIClient, visitor: APIClient, owner: User, make_video: MakeVideo
) -> None:
    body = {"title": "Mixed", "privacy": "public"}
    path = f"/api/v1/playlists/{client.post('/api/v1/playlists', body).json()['id']}"
    for visibility in ("public", "entitled", "private"):
        video = make_video(owner, visibility=visibility, title=visibility)
        assert client.post(f"{path}/items", {"video": str(video.pk)}).status_code == 201
    shown = {
        who: [item["video"]["title"] for item in caller.get(f"{path}/items").json()["results"]]
        for who, caller in (("owner", client), ("visitor", visitor))
    }
    assert shown == {"owner": ["public", "entitled", "private"], "visitor": ["public"]}


@pytest.mark.parametrize(
    ("privacy", "listed", "reached"),
    [("public", 1, 200), ("unlisted", 0, 200), ("private", 0, 404)],
)
def test_a_playlist_has_its_own_privacy(
    privacy: str, listed: int, reached: int, owner: User, visitor: APIClient
) -> None:
    playlist = Playlist.objects.create(owner=owner, title="Mine", privacy=privacy)
    assert len(visitor.get("/api/v1/playlists").json()["results"]) == listed
    assert visitor.get(f"/api/v1/playlists/{playlist.pk}").status_code == reached


@pytest.mark.parametrize("way", ["lecture", "course", "preview"])
def test_what_is_watched_by_leave_of_a_course_ends_with_it(
    way: str, fill: Fill, course: Course, client: APIClient, make_user: MakeUser
) -> None:
    (lecture,), member = fill(1), make_user()
    path = f"/api/v1/courses/{course.pk}"
    lecture_path = f"{path}/lectures/{lecture.pk}"
    if way == "preview":
        client.patch(lecture_path, {"is_preview": True})
    else:
        Grant.objects.create(user=member, course=course)
    session_id = start_playback(member, lecture.video_id, now=timezone.now()).session_id
    if way == "preview":
        assert client.patch(lecture_path, {"is_preview": False}).status_code == 200
    else:
        ended = client.delete(path if way == "course" else lecture_path)
        assert ended.status_code == 204
    assert Revocation.objects.get().subject == str(session_id)


def test_a_course_that_people_subscribe_to_is_not_deleted(
    course: Course, client: APIClient, make_user: MakeUser
) -> None:
    plan = Plan.objects.create(name="Course", course=course)
    Subscription.objects.create(user=make_user(), plan=plan, starts_at=LONG_AGO)
    answer = client.delete(f"/api/v1/courses/{course.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "course_in_use")
