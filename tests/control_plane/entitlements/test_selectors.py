"""Tests for control_plane/entitlements/selectors.py, over every kind of viewer and of video."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant, Visibility
from control_plane.entitlements.selectors import judge, require_entitlement, visible_videos
from control_plane.errors import NotFound, Refused
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.fixture
def viewers(make_user: MakeUser) -> list[User | None]:
    """A visitor; owner; admin; members with each kind of grant, and without."""
    return [None, *(make_user(role) for role in (Role.CREATOR, Role.ADMIN, *[Role.VIEWER] * 6))]


@pytest.fixture
def videos(viewers: list[User | None], make_video: MakeVideo) -> list[Video]:
    """Every visibility and moment of publishing, granted to some."""
    _visitor, owner, _admin, *members = viewers
    moments = (None, AFTER, NOW, BEFORE)
    videos = [
        make_video(owner, visibility=visibility, published_at=moment, is_ready=False)
        for visibility, moment in product(Visibility, moments)
    ]
    for video in videos:
        for member, expires_at in zip(members, (None, AFTER, NOW, BEFORE), strict=False):
            Grant.objects.create(user=member, video=video, expires_at=expires_at)
        assert members[4] is not None
        Grant.objects.create(email=members[4].email, video=video)
    return videos


def test_all_at_once_are_those_that_each_alone_is_allowed(
    viewers: list[User | None], videos: list[Video]
) -> None:
    for viewer in viewers:
        found = [video.id for video in Video.objects.filter(visible_videos(viewer, now=NOW))]
        allowed = [video.id for video in videos if judge(viewer, video, now=NOW).allowed]
        assert sorted(found) == sorted(allowed)


def test_asking_for_all_takes_one_query(
    viewers: list[User | None],
    videos: list[Video],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert videos
    for viewer in viewers:
        with django_assert_num_queries(1):
            list(Video.objects.filter(visible_videos(viewer, now=NOW)))


def test_asking_for_one_takes_a_query_only_where_grants_matter(
    viewers: list[User | None],
    videos: list[Video],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for viewer, video in product(viewers, videos):
        is_member = viewer is not None and viewer.role == Role.VIEWER
        is_out = video.published_at is not None and video.published_at <= NOW
        asks = is_member and is_out and video.visibility == Visibility.GRANTED
        with django_assert_num_queries(int(asks)):
            judge(viewer, video, now=NOW)


def test_a_grant_of_another_video_is_none_of_this(
    make_user: MakeUser, make_video: MakeVideo
) -> None:
    owner, member = make_user(Role.CREATOR), make_user()
    granted, other = (make_video(owner, visibility=Visibility.GRANTED) for _ in range(2))
    Grant.objects.create(user=member, video=granted)
    assert list(Video.objects.filter(visible_videos(member, now=NOW))) == [granted]
    assert not judge(member, other, now=NOW).allowed


@pytest.mark.parametrize(
    ("facts", "is_member", "code", "status"),
    [
        ({"visibility": "members"}, False, "login_required", 401),
        ({"visibility": "granted"}, False, "login_required", 401),
        ({"visibility": "granted"}, True, "not_entitled", 403),
    ],
)
def test_a_refusal_has_a_code_of_its_own(
    facts: dict[str, str],
    is_member: bool,
    code: str,
    status: int,
    make_user: MakeUser,
    make_video: MakeVideo,
) -> None:
    video = make_video(make_user(Role.CREATOR), **facts)
    with pytest.raises(Refused) as refusal:
        require_entitlement(make_user() if is_member else None, video, now=NOW)
    assert (refusal.value.problem.code, refusal.value.problem.status) == (code, status)


def test_a_draft_is_not_known_to_others(make_user: MakeUser, make_video: MakeVideo) -> None:
    draft = make_video(make_user(Role.CREATOR), visibility="free", published_at=None)
    for stranger in (None, make_user(), make_user(Role.CREATOR)):
        with pytest.raises(NotFound):
            require_entitlement(stranger, draft, now=NOW)


def test_an_administrator_who_was_shut_out_sees_no_more_than_anybody(
    make_user: MakeUser, make_video: MakeVideo
) -> None:
    draft = make_video(make_user(Role.CREATOR), published_at=None)
    former = make_user(Role.ADMIN)
    former.is_active = False
    assert not judge(former, draft, now=NOW).allowed
