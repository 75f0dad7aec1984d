"""Tests for control_plane/entitlements/selectors.py, over every kind of viewer and of video."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Category, Course, Lecture, Video
from control_plane.entitlements.models import (
    Grant,
    Group,
    Membership,
    PlaceRule,
    Plan,
    Subscription,
    Visibility,
)
from control_plane.entitlements.places import Place
from control_plane.entitlements.selectors import (
    judge,
    reachable_videos,
    user_viewer,
    visible_videos,
)
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(days=1)
ENDS = (None, AFTER, NOW, BEFORE)


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def viewers(owner: User, make_user: MakeUser) -> list[User | None]:
    """A visitor; owner; admin; another creator; members."""
    roles = (Role.ADMIN, Role.CREATOR, *[Role.VIEWER] * 24)
    return [None, owner, *(make_user(role) for role in roles)]


@pytest.fixture
def videos(owner: User, make_video: MakeVideo) -> list[Video]:
    """Every visibility and moment, in a course, in a subcategory, and in neither."""
    parent = Category.objects.create(name="Arts", slug="arts")
    child = Category.objects.create(name="Dance", slug="dance", parent=parent)
    course = Course.objects.create(owner=owner, title="Course", published_at=BEFORE)
    moments = ((None, None), (AFTER, None), (NOW, None), (BEFORE, NOW), (BEFORE, AFTER))
    videos = []
    for visibility, (published_at, withdrawn_at), place in product(Visibility, moments, range(4)):
        video = make_video(
            owner,
            visibility=visibility,
            published_at=published_at,
            withdrawn_at=withdrawn_at,
            is_ready=False,
            category=child if place == 1 else None,
        )
        videos.append(video)
        if place > 1:
            Lecture.objects.create(
                course=course, video=video, position=len(videos), is_preview=place == 3
            )
    return videos


@pytest.fixture
def openings(viewers: list[User | None], videos: list[Video]) -> None:
    """Each member has one way in, with one end."""
    members = iter(user for user in viewers if user is not None and user.role == Role.VIEWER)
    targets: tuple[dict[str, Any], ...] = (
        {"course": Course.objects.get()},
        {"category": Category.objects.get(slug="arts")},
        {},
    )
    for number, (target, end) in enumerate(product(targets, ENDS)):
        plan = Plan.objects.create(name=f"Plan {number}", **target)
        Subscription.objects.create(user=next(members), plan=plan, starts_at=BEFORE, ends_at=end)
    for target, end in product(targets[:2], ENDS):
        Grant.objects.create(user=next(members), expires_at=end, **target)
    grant_videos(next(members), videos)
    grant_through_group(next(members), videos)


def grant_videos(member: User, videos: list[Video]) -> None:
    for video, end in zip(videos, ENDS * len(videos), strict=False):
        Grant.objects.create(email=member.email, video=video, expires_at=end)


def grant_through_group(member: User, videos: list[Video]) -> None:
    for number, end in enumerate(ENDS):
        group = Group.objects.create(name=f"Group {number}")
        Membership.objects.create(group=group, user=member, expires_at=end)
        for video in videos[number::4]:
            Grant.objects.create(group=group, video=video)


@pytest.mark.usefixtures("openings")
def test_all_at_once_are_those_that_each_alone_is_allowed(
    viewers: list[User | None], videos: list[Video]
) -> None:
    allowed_at_all = set()
    for viewer in viewers:
        found = Video.objects.filter(reachable_videos(viewer, now=NOW)).values_list("id", flat=True)
        asked = user_viewer(viewer)
        allowed = {video.id for video in videos if judge(asked, video, now=NOW).allowed}
        assert set(found) == allowed, viewer
        listed = Video.objects.filter(visible_videos(viewer, now=NOW)).values_list("id", flat=True)
        assert set(listed) <= allowed
        allowed_at_all.add(frozenset(allowed))
    assert len(allowed_at_all) > 6


def test_a_list_leaves_out_what_is_unlisted(owner: User, make_video: MakeVideo) -> None:
    video = make_video(owner, visibility="unlisted")
    assert not Video.objects.filter(visible_videos(None, now=NOW)).exists()
    assert Video.objects.filter(visible_videos(owner, now=NOW)).get() == video
    assert judge(user_viewer(None), video, now=NOW).allowed


def test_premium_stands_in_lists_but_is_not_watched(
    owner: User, make_user: MakeUser, make_video: MakeVideo
) -> None:
    video, member = make_video(owner, is_premium=True), make_user()
    assert Video.objects.filter(visible_videos(member, now=NOW)).get() == video
    for name, is_premium in (("Basic", False), ("Full", True)):
        plan = Plan.objects.create(name=name, is_premium=is_premium)
        Subscription.objects.create(user=member, plan=plan, starts_at=BEFORE)
        assert judge(user_viewer(member), video, now=NOW).allowed is is_premium


@pytest.mark.usefixtures("openings")
def test_asking_takes_one_query_for_one_and_one_for_all(
    viewers: list[User | None],
    videos: list[Video],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for viewer in viewers:
        with django_assert_num_queries(2):
            list(Video.objects.filter(visible_videos(viewer, now=NOW)))
            judge(user_viewer(viewer), videos[0], now=NOW)


def test_rules_of_a_video_come_before_its_categories_and_those_of_the_site(
    owner: User, make_video: MakeVideo
) -> None:
    parent = Category.objects.create(name="Arts", slug="arts")
    child = Category.objects.create(name="Dance", slug="dance", parent=parent)
    video = make_video(owner, visibility="public", category=child)
    viewer = user_viewer(None, Place("192.0.2.7", "DE"))
    steps: list[tuple[dict[str, Any], str]] = [
        ({}, "block"),
        ({"category": parent}, "allow"),
        ({"category": child}, "block"),
        ({"video": video, "position": 1}, "allow"),
        ({"video": video, "position": 0}, "block"),
    ]
    for target, action in steps:
        PlaceRule.objects.create(kind="country", value="DE", action=action, **target)
        assert judge(viewer, video, now=NOW).allowed is (action == "allow")


def test_an_administrator_who_was_shut_out_sees_no_more_than_anybody(
    make_user: MakeUser, make_video: MakeVideo
) -> None:
    draft = make_video(make_user(Role.CREATOR), published_at=None)
    former = make_user(Role.ADMIN)
    former.is_active = False
    assert not judge(user_viewer(former), draft, now=NOW).allowed
