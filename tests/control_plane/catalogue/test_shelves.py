"""Tests for categories, slugs, schedules, tags and orderings of videos, over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Category, Video
from control_plane.entitlements.selectors import judge, user_viewer
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def client(owner: User, log_in: LogIn) -> APIClient:
    return log_in(owner)


def titles(client: APIClient, **query: str) -> list[str]:
    answer = client.get("/api/v1/videos", query)
    assert answer.status_code == 200, answer.content
    return [video["title"] for video in answer.json()["results"]]


def create(client: APIClient, **facts: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/videos", facts)
    assert answer.status_code == 201, answer.content
    video: dict[str, Any] = answer.json()
    return video


def test_a_slug_comes_of_the_title_and_is_nobody_elses(client: APIClient) -> None:
    first, second = create(client, title="Été à Nice!"), create(client, title="Été à Nice!")
    assert first["slug"] == "ete-a-nice"
    assert second["slug"].startswith("ete-a-nice-")


def test_a_title_without_letters_has_a_slug_too(client: APIClient) -> None:
    assert create(client, title="電影")["slug"].startswith("untitled-")


def test_a_former_slug_leads_on_for_good(
    client: APIClient, owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, slug="first")
    for slug in ("second", "third", "second"):
        answer = client.patch(f"/api/v1/videos/{video.pk}", {"slug": slug})
        assert (answer.status_code, answer.json()["slug"]) == (200, slug)
    assert client.get("/api/v1/videos/by-slug/second").json()["id"] == str(video.pk)
    for former in ("first", "third"):
        answer = client.get(f"/api/v1/videos/by-slug/{former}")
        assert answer.status_code == 308
        assert answer.headers["Location"] == "/api/v1/videos/by-slug/second"


@pytest.mark.parametrize("wanted", ["taken", "former"])
def test_a_slug_of_another_is_refused(
    wanted: str, client: APIClient, owner: User, make_video: MakeVideo
) -> None:
    other, mine = make_video(owner, slug="former"), make_video(owner, slug="mine")
    client.patch(f"/api/v1/videos/{other.pk}", {"slug": "taken"})
    answer = client.patch(f"/api/v1/videos/{mine.pk}", {"slug": wanted, "title": "New"})
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
    mine.refresh_from_db()
    assert (mine.slug, mine.title) == ("mine", "A film")


def test_a_slug_of_what_nobody_may_see_leads_nowhere(
    visitor: APIClient, owner: User, make_video: MakeVideo
) -> None:
    make_video(owner, slug="secret", visibility="private")
    assert visitor.get("/api/v1/videos/by-slug/secret").status_code == 404


def test_tags_are_kept_once_in_lower_case_and_found(client: APIClient) -> None:
    video = create(client, title="A", tags=["Jazz", " jazz ", "Live"], language="de")
    assert video["tags"] == ["jazz", "live"]
    create(client, title="B", tags=["rock"], language="en")
    assert titles(client, tag="JAZZ") == ["A"]
    assert titles(client, language="en") == ["B"]


def test_a_category_holds_what_it_is_divided_in(client: APIClient) -> None:
    arts = Category.objects.create(name="Arts", slug="arts")
    Category.objects.create(name="Dance", slug="dance", parent=arts)
    for title, category in (("A", "arts"), ("D", "dance"), ("N", None)):
        create(client, title=title, category=category)
    assert titles(client, category="arts") == ["D", "A"]
    assert titles(client, category="dance") == ["D"]


def test_a_category_has_two_floors_at_most(log_in: LogIn, make_user: MakeUser) -> None:
    client = log_in(make_user(Role.ADMIN))
    arts = {"name": "Arts", "slug": "arts"}
    assert client.post("/api/v1/categories", arts).status_code == 201
    dance = {"name": "Dance", "slug": "dance", "parent": "arts"}
    assert client.post("/api/v1/categories", dance).status_code == 201
    ballet = {"name": "Ballet", "slug": "ballet", "parent": "dance"}
    assert client.post("/api/v1/categories", ballet).status_code == 400
    client.post("/api/v1/categories", {"name": "Other", "slug": "other"})
    assert client.patch("/api/v1/categories/arts", {"parent": "other"}).status_code == 400
    assert client.delete("/api/v1/categories/arts").json()["code"] == "category_in_use"
    assert client.delete("/api/v1/categories/dance").status_code == 204


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("newest", ["B", "C", "A"]),
        ("oldest", ["A", "C", "B"]),
        ("title", ["A", "B", "C"]),
        ("published", ["C", "A"]),
    ],
)
def test_lists_are_ordered_and_paged(
    ordering: str, expected: list[str], client: APIClient, owner: User, make_video: MakeVideo
) -> None:
    for title, published_at in (("A", NOW - timedelta(days=2)), ("C", NOW), ("B", None)):
        make_video(owner, title=title, published_at=published_at)
    found, address = [], f"/api/v1/videos?page_size=1&ordering={ordering}"
    while address:
        page = client.get(address).json()
        found += [video["title"] for video in page["results"]]
        address = page["next"]
    assert found == expected


def test_an_ordering_that_is_none_is_refused(client: APIClient) -> None:
    assert client.get("/api/v1/videos?ordering=secret").json()["code"] == "invalid"


def publish(client: APIClient, video: Video, **moments: Any) -> Any:
    body = {name: moment.isoformat() for name, moment in moments.items()}
    return client.post(f"/api/v1/videos/{video.pk}/publish", body)


def test_a_video_is_shown_from_its_moment_until_it_is_taken_off(
    client: APIClient, owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    video = make_video(owner, visibility="public", published_at=None)
    assert publish(client, video, at=SOON, until=LATER).status_code == 200
    assert visitor.get(f"/api/v1/videos/{video.pk}").status_code == 404
    video.refresh_from_db()
    second = timedelta(seconds=1)
    moments = (SOON - second, SOON, LATER - second, LATER)
    verdicts = [judge(user_viewer(None), video, now=moment) for moment in moments]
    assert [verdict.allowed for verdict in verdicts] == [False, True, True, False]
    assert verdicts[1].until == LATER


def test_publishing_anew_takes_back_that_it_is_taken_off(
    client: APIClient, owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, withdrawn_at=NOW)
    answer = publish(client, video).json()
    assert answer["withdrawn_at"] is None
    assert answer["published_at"] > NOW.isoformat()


def test_a_video_is_not_taken_off_before_it_is_shown(
    client: APIClient, owner: User, make_video: MakeVideo
) -> None:
    assert publish(client, make_video(owner), at=LATER, until=SOON).status_code == 400


@pytest.mark.parametrize(
    ("facts", "ends"),
    [({"visibility": "private"}, True), ({"is_premium": True}, True), ({"title": "New"}, False)],
    ids=str,
)
def test_whoever_watches_what_is_for_fewer_now_has_to_begin_anew(
    facts: dict[str, Any], ends: bool, client: APIClient, owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, visibility="public")
    assert client.patch(f"/api/v1/videos/{video.pk}", facts).status_code == 200
    assert Revocation.objects.filter(subject=str(video.pk)).exists() is ends


def test_an_unlisted_video_is_shown_to_who_knows_its_address(
    visitor: APIClient, owner: User, make_video: MakeVideo
) -> None:
    video = make_video(owner, visibility="unlisted")
    assert titles(visitor) == []
    assert visitor.get(f"/api/v1/videos/{video.pk}").status_code == 200
