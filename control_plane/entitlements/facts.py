"""What the database knows of one viewer and one video: one query, each part of it on an index."""

from typing import Any, Final
from uuid import UUID

from django.db import connection

from control_plane.entitlements.decisions import Facts, Kind, Opening, Viewer
from control_plane.entitlements.places import PlaceFact

_PLACE: Final = "place"

# What an `Opening` needs, in its order; of a rule on places `name` is the value, `is_premium`
# whether it blocks, and `visibility` its kind.
FACTS_QUERY: Final = """
WITH shelf AS MATERIALIZED (
    SELECT ARRAY(SELECT course_id FROM catalogue_lecture WHERE video_id = %(video)s) AS courses,
           ARRAY(SELECT unnest(ARRAY[id, parent_id]) FROM catalogue_category
                 WHERE id = %(category)s) AS categories
), mine AS (
    SELECT grant_.*, 'The grant to the user' AS name, NULL::timestamptz AS member_until
    FROM entitlements_grant grant_ WHERE user_id = %(user)s
    UNION ALL
    SELECT grant_.*, 'The grant to the address', NULL
    FROM entitlements_grant grant_ WHERE email = %(email)s AND email <> ''
    UNION ALL
    SELECT grant_.*, 'The grant to the group ' || group_.name, member.expires_at
    FROM entitlements_membership member
    JOIN entitlements_grant grant_ ON grant_.group_id = member.group_id
    JOIN entitlements_group group_ ON group_.id = member.group_id
    WHERE member.user_id = %(user)s
)
SELECT 'grant' AS kind, mine.id, mine.name, NULL::timestamptz AS starts_at,
       LEAST(mine.expires_at, mine.member_until) AS ends_at,
       CASE WHEN mine.first_played_at IS NULL THEN mine.window_s END AS window_s,
       true AS is_premium, NULL::smallint AS max_streams, NULL::smallint AS max_height,
       '' AS visibility, mine.expires_at AS kept_until, 0 AS shelf_rank, 0 AS position
FROM mine, shelf
WHERE mine.video_id = %(video)s OR mine.course_id = ANY(shelf.courses)
   OR mine.category_id = ANY(shelf.categories)
UNION ALL
SELECT 'subscription', sub.id,
       CASE WHEN sub.is_trial THEN 'The trial of ' ELSE 'The subscription to ' END || plan.name,
       sub.starts_at, sub.ends_at, NULL, plan.is_premium, plan.max_streams, plan.max_height,
       '', sub.ends_at, 0, 0
FROM shelf, entitlements_subscription sub
JOIN entitlements_plan plan ON plan.id = sub.plan_id
WHERE sub.user_id = %(user)s
  AND (plan.course_id = ANY(shelf.courses) OR plan.category_id = ANY(shelf.categories)
       OR plan.course_id IS NULL AND plan.category_id IS NULL)
UNION ALL
SELECT 'preview_lecture', lecture.id, 'The preview lecture of ' || course.title,
       course.published_at, NULL, NULL, true, NULL, NULL, course.visibility, NULL, 0, 0
FROM catalogue_lecture lecture JOIN catalogue_course course ON course.id = lecture.course_id
WHERE lecture.video_id = %(video)s AND lecture.is_preview AND course.published_at IS NOT NULL
  AND course.visibility IN ('public', 'members', 'unlisted')
UNION ALL
SELECT 'place', id, value, NULL, NULL, NULL, action = 'block', NULL, NULL, kind, NULL,
       0, position
FROM entitlements_placerule WHERE video_id = %(video)s
UNION ALL
SELECT 'place', id, value, NULL, NULL, NULL, action = 'block', NULL, NULL, kind, NULL,
       array_position(shelf.categories, category_id), position
FROM shelf, entitlements_placerule WHERE category_id = ANY(shelf.categories)
UNION ALL
SELECT 'place', id, value, NULL, NULL, NULL, action = 'block', NULL, NULL, kind, NULL,
       3, position
FROM entitlements_placerule WHERE video_id IS NULL AND category_id IS NULL
ORDER BY shelf_rank, position, id
"""


def load_facts(viewer: Viewer, video_id: UUID, category_id: UUID | None) -> Facts:
    """Everything, also what has ended: a trace tells of it."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS_QUERY, describe_question(viewer, video_id, category_id))
        rows = cursor.fetchall()
    return Facts(
        openings=[_read_opening(row) for row in rows if row[0] != _PLACE],
        places=[PlaceFact(row[9], row[2], row[6]) for row in rows if row[0] == _PLACE],
    )


def describe_question(viewer: Viewer, video_id: UUID, category_id: UUID | None) -> dict[str, Any]:
    """The query's parameters."""
    return {
        "video": video_id,
        "category": category_id,
        "user": viewer.user_id,
        "email": viewer.email,
    }


def _read_opening(row: tuple[Any, ...]) -> Opening:
    kind, *others = row[:11]
    return Opening(Kind(kind), *others)
