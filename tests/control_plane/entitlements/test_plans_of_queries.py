"""That questions are answered by indexes, whatever there is: 100,000 videos, 1,000 grants."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Category, Video
from control_plane.catalogue.selectors import list_videos
from control_plane.entitlements.facts import FACTS_QUERY, describe_question
from control_plane.entitlements.models import Grant, Plan, Subscription
from control_plane.entitlements.selectors import judge, user_viewer
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

VIDEOS = 100_000
GRANTS = 1_000
BIG = {"catalogue_video", "catalogue_lecture", "entitlements_grant"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)

FILL = """
INSERT INTO catalogue_video (id, owner_id, title, description, visibility, slug, language, tags,
    is_premium, published_at, poster_source, created_at, updated_at, category_id)
SELECT gen_random_uuid(), %(owner)s, 'Film ' || number, '', 'entitled', 'film-' || number, '', '{}',
    false, '2025-01-01', '', now(), now(), %(category)s
FROM generate_series(1, %(videos)s) number;
INSERT INTO catalogue_course (id, owner_id, title, description, slug, language, visibility,
    created_at, updated_at)
SELECT gen_random_uuid(), %(owner)s, 'Course', '', 'course-' || number, '', 'members', now(), now()
FROM generate_series(1, 100) number;
INSERT INTO catalogue_lecture (id, course_id, video_id, position, is_preview)
SELECT gen_random_uuid(), course.id, video.id, row_number() OVER (), false
FROM catalogue_course course, LATERAL (SELECT id FROM catalogue_video LIMIT 100) video;
INSERT INTO entitlements_grant (id, user_id, email, note, video_id, created_at)
SELECT gen_random_uuid(), %(user)s, '', '', id, now() FROM catalogue_video LIMIT %(grants)s;
INSERT INTO entitlements_grant (id, user_id, email, note, video_id, created_at)
SELECT gen_random_uuid(), %(owner)s, '', '', id, now() FROM catalogue_video LIMIT 20000;
ANALYZE;
"""


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def video(make_user: MakeUser, user: User) -> Video:
    owner = make_user(Role.CREATOR)
    category = Category.objects.create(name="Arts", slug="arts")
    Subscription.objects.create(user=user, plan=Plan.objects.create(name="All"), starts_at=NOW)
    values = {"owner": owner.pk, "category": category.pk, "user": user.pk}
    with connection.cursor() as cursor:
        for statement in FILL.split(";")[:-1]:
            cursor.execute(statement, {**values, "videos": VIDEOS, "grants": GRANTS})
    return Video.objects.select_related("asset").filter(grants__user=user)[GRANTS // 2]


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)


def explain(sql: str, values: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(walk(plan[0]["Plan"]))


def list_scanned(nodes: list[dict[str, Any]]) -> set[str]:
    """The tables that are read from end to end."""
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}


def test_one_viewer_and_one_video_are_judged_by_indexes_in_two_queries(
    user: User, video: Video, django_assert_num_queries: Any
) -> None:
    question = describe_question(user_viewer(user), video.pk, video.category_id)
    assert list_scanned(explain(FACTS_QUERY, question)) & BIG == set()
    with django_assert_num_queries(2):
        found = Video.objects.select_related("asset").get(pk=video.pk)
        assert judge(user_viewer(user), found, now=timezone.now()).allowed
    one = Video.objects.filter(pk=video.pk).query.sql_with_params()
    assert list_scanned(explain(*one)) == set()


def test_every_part_of_the_query_has_an_index_to_use(user: User, video: Video) -> None:
    """Small tables are read whole because that is quicker; forbidden to, none has to be."""
    question = describe_question(user_viewer(user), video.pk, video.category_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert list_scanned(explain(FACTS_QUERY, question)) == set()
    assert Grant.objects.filter(user=user).count() == GRANTS


def test_a_page_of_a_list_is_read_by_an_index_as_each_role(
    user: User, video: Video, make_user: MakeUser
) -> None:
    callers = [None, user, video.owner, make_user(Role.CREATOR), make_user(Role.ADMIN)]
    for caller in callers:
        page = list_videos(caller, now=timezone.now())[:25]
        nodes = explain(*page.query.sql_with_params())
        assert "catalogue_video" not in list_scanned(nodes), caller
