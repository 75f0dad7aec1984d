"""Tests for control_plane/entitlements/api.py: granting and taking back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant
from control_plane.entitlements.selectors import judge, user_viewer
from control_plane.entitlements.services import grant_access
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

TOMORROW = timezone.now() + timedelta(days=1)
NEXT_WEEK = TOMORROW + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Stage:
    """A video for named users, its owner, and everybody else."""

    video: Video
    owner: User
    viewer: User
    other_creator: User
    admin: User


@pytest.fixture
def stage(make_user: MakeUser, make_video: MakeVideo) -> Stage:
    owner = make_user(Role.CREATOR)
    return Stage(
        make_video(owner, visibility="entitled"),
        owner,
        make_user(),
        make_user(Role.CREATOR),
        make_user(Role.ADMIN),
    )


Post = Callable[..., Any]


@pytest.fixture
def post(stage: Stage, log_in: LogIn) -> Post:
    """Grants the video of the stage, as its owner unless told otherwise."""

    def post(by: User | None = None, **body: Any) -> Any:
        client = log_in(by or stage.owner)
        return client.post("/api/v1/grants", {"video": str(stage.video.id), **body})

    return post


def may_watch(user: User, video: Video) -> bool:
    return judge(user_viewer(user), video, now=timezone.now()).allowed


def test_an_owner_grants_to_a_user(stage: Stage, post: Post) -> None:
    answer = post(user=str(stage.viewer.id), expires_at=TOMORROW.isoformat(), note="a friend")
    assert answer.status_code == 201
    assert (
        answer.json().items()
        >= {
            "video": str(stage.video.id),
            "user": {"id": str(stage.viewer.id), "display_name": ""},
            "email": None,
            "granted_by": str(stage.owner.id),
            "note": "a friend",
        }.items()
    )
    assert may_watch(stage.viewer, stage.video)
    assert not may_watch(stage.other_creator, stage.video)


def test_an_owner_grants_to_an_address(stage: Stage, post: Post) -> None:
    answer = post(email=stage.viewer.email.upper())
    assert (answer.status_code, answer.json()["user"]) == (201, None)
    assert may_watch(stage.viewer, stage.video)


def test_granting_to_an_address_does_not_tell_whether_it_has_an_account(
    stage: Stage, post: Post
) -> None:
    known, unknown = post(email=stage.viewer.email), post(email="nobody@example.org")
    assert known.status_code == unknown.status_code == 201
    assert known.json()["user"] is unknown.json()["user"] is None


def test_whoever_joins_later_has_what_their_address_was_granted(
    stage: Stage, post: Post, make_user: MakeUser
) -> None:
    post(email="later@example.org")
    assert may_watch(make_user(email="later@example.org"), stage.video)


def test_an_administrator_grants_any_video(stage: Stage, post: Post) -> None:
    assert post(stage.admin, user=str(stage.viewer.id)).status_code == 201


@pytest.mark.parametrize("by", ["viewer", "other_creator"])
def test_nobody_else_does_nor_learns_that_it_is_there(by: str, stage: Stage, post: Post) -> None:
    answer = post(getattr(stage, by), user=str(stage.viewer.id))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"email": "a@example.org", "user": "the viewer"}, None),
        ({"email": "nobody"}, "email"),
        ({"user": str(uuid4())}, "user"),
        ({"user": "someone"}, "user"),
        ({"email": "a@example.org", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"email": "a@example.org", "expires_at": "soon"}, "expires_at"),
        ({"email": "a@example.org", "note": "x" * 201}, "note"),
        ({"email": "a@example.org", "video": "x"}, "video"),
    ],
    ids=[
        "nobody",
        "two at once",
        "no address",
        "unknown user",
        "no identifier",
        "past",
        "no time",
        "long note",
        "no video",
    ],
)
def test_a_grant_that_says_nonsense_is_refused(
    body: dict[str, str], field: str | None, stage: Stage, post: Post
) -> None:
    if body.get("user") == "the viewer":
        body = {**body, "user": str(stage.viewer.id)}
    answer = post(**body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        (TOMORROW, NEXT_WEEK, NEXT_WEEK),
        (NEXT_WEEK, TOMORROW, NEXT_WEEK),
        (TOMORROW, None, None),
        (None, TOMORROW, None),
    ],
)
@pytest.mark.parametrize("to", ["user", "email"])
def test_granting_again_extends_and_never_shortens(
    to: str,
    first: datetime | None,
    second: datetime | None,
    end: datetime | None,
    stage: Stage,
    post: Post,
) -> None:
    grantee = {to: str(stage.viewer.id) if to == "user" else "a@example.org"}
    statuses = [
        post(**grantee, expires_at=moment and moment.isoformat()).status_code
        for moment in (first, second)
    ]
    assert statuses == [201, 200]
    assert Grant.objects.get().expires_at == end


def test_what_is_taken_back_ends_at_once(stage: Stage, post: Post, log_in: LogIn) -> None:
    grant = post(user=str(stage.viewer.id)).json()["id"]
    assert log_in(stage.owner).delete(f"/api/v1/grants/{grant}").status_code == 204
    assert not may_watch(stage.viewer, stage.video)
    assert log_in(stage.owner).delete(f"/api/v1/grants/{grant}").status_code == 404


@pytest.mark.parametrize(
    ("by", "status"), [("admin", 204), ("viewer", 404), ("other_creator", 404)]
)
def test_only_owner_and_administrators_take_back(
    by: str, status: int, stage: Stage, post: Post, log_in: LogIn
) -> None:
    grant = post(user=str(stage.viewer.id)).json()["id"]
    answer = log_in(getattr(stage, by)).delete(f"/api/v1/grants/{grant}")
    assert answer.status_code == status
    assert Grant.objects.exists() is (status == 404)


@pytest.mark.parametrize(
    ("by", "count"), [("owner", 2), ("admin", 2), ("viewer", 0), ("other_creator", 0)]
)
def test_grants_are_listed_for_owner_and_administrators(
    by: str, count: int, stage: Stage, post: Post, log_in: LogIn
) -> None:
    post(user=str(stage.viewer.id))
    post(email="a@example.org")
    answer = log_in(getattr(stage, by)).get("/api/v1/grants")
    assert len(answer.json()["results"]) == count


@pytest.mark.parametrize(
    ("by", "shown"), [("owner", None), ("admin", "a@example.org")], ids=["owner", "admin"]
)
def test_an_address_is_shown_to_who_named_it_and_to_administrators(
    by: str, shown: str | None, stage: Stage, post: Post, log_in: LogIn
) -> None:
    post(stage.admin, email="a@example.org")
    (grant,) = log_in(getattr(stage, by)).get("/api/v1/grants").json()["results"]
    assert grant["email"] == shown


def test_a_list_is_narrowed_to_a_video_or_a_user(
    stage: Stage, post: Post, log_in: LogIn, make_video: MakeVideo
) -> None:
    other = make_video(stage.owner)
    post(user=str(stage.viewer.id))
    post(user=str(stage.admin.id), video=str(other.id))
    client = log_in(stage.owner)
    for query in (f"video={other.id}", f"user={stage.admin.id}"):
        (grant,) = client.get(f"/api/v1/grants?{query}").json()["results"]
        assert grant["video"] == str(other.id)


@pytest.mark.parametrize("query", ["video=x", "user=x"])
def test_a_filter_that_says_nonsense_is_refused(query: str, stage: Stage, log_in: LogIn) -> None:
    answer = log_in(stage.owner).get(f"/api/v1/grants?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("by", ["owner", "admin"])
def test_a_list_takes_as_many_queries_for_one_grant_as_for_many(
    by: str,
    stage: Stage,
    log_in: LogIn,
    make_user: MakeUser,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(1, 12):
        grantee = make_user() if number % 2 else f"{number}@example.org"
        grant_access(grantee, stage.video.id, by=stage.owner, expires_at=None)
    client = log_in(getattr(stage, by))
    with django_assert_num_queries(1):
        assert len(client.get("/api/v1/grants").json()["results"]) == 11


@pytest.mark.django_db(transaction=True)
def test_granting_twice_at_once_makes_one_grant(stage: Stage) -> None:
    def grant(_number: int) -> bool:
        try:
            return grant_access(stage.viewer, stage.video.id, by=stage.owner, expires_at=TOMORROW)[
                1
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(grant, range(4))) == 1
    assert Grant.objects.count() == 1
