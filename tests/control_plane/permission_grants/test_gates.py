"""What each permission opens, operation by operation, and that all else stays shut."""

from datetime import timedelta
from typing import Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.entitlements.models import Plan
from control_plane.permission_grants.models import PermissionGrant
from tests.control_plane.conftest import LONG_AGO, LogIn, MakeUser, MakeVideo
from tests.control_plane.operations.stage import Stage, set_stage
from tests.control_plane.operations.table import CALLERS, Row
from tests.control_plane.test_permissions import ROWS, call

pytestmark = pytest.mark.django_db

OTHER, ADMIN = CALLERS.index("other viewer"), CALLERS.index("admin")
# What administrators are answered otherwise than somebody who has nothing to do with it.
GUARDED: Final = [row for row in ROWS if row.statuses[OTHER] != row.statuses[ADMIN]]

VIDEO, COURSE = "videos/{video_id}", "courses/{course_id}"
LECTURE = f"{COURSE}/lectures/{{lecture_id}}"
OPENED: Final = {
    Permission.MANAGE_VIDEOS: [
        *(f"{method} {VIDEO}" for method in ("GET", "PATCH", "DELETE")),
        *(f"POST {VIDEO}/{what}" for what in ("publish", "unpublish", "transcode", "plan")),
        *(f"{method} {VIDEO}/take-down" for method in ("PUT", "DELETE")),
        *(f"{method} {VIDEO}/captions" for method in ("GET", "POST")),
        f"DELETE {VIDEO}/captions/{{caption_id}}",
        *(f"{method} {VIDEO}/poster" for method in ("GET", "PUT")),
        *(f"{method} {COURSE}" for method in ("GET", "PATCH", "DELETE")),
        *(f"POST {COURSE}/{what}" for what in ("publish", "unpublish")),
        *(f"{method} {COURSE}/lectures" for method in ("GET", "POST")),
        *(f"{method} {LECTURE}" for method in ("PATCH", "DELETE")),
        f"PUT {COURSE}/order",
        *(f"GET jobs/{{job_id}}{what}" for what in ("", "/events")),
        *(f"POST jobs/{{job_id}}/{what}" for what in ("retry", "cancel")),
    ],
    Permission.MANAGE_CATEGORIES: [
        "POST categories",
        *(f"{method} categories/{{slug}}" for method in ("PATCH", "DELETE")),
    ],
    Permission.MANAGE_ENTITLEMENTS: [
        "POST grants",
        "DELETE grants/{grant_id}",
        "DELETE subscriptions/{subscription_id}",
        "POST share-links",
        "DELETE share-links/{link_id}",
    ],
    Permission.MANAGE_ISSUERS: [
        *(f"{method} issuers" for method in ("GET", "POST")),
        *(f"{method} issuers/{{issuer_id}}" for method in ("GET", "PATCH", "DELETE")),
    ],
    Permission.SEE_REFUSALS: [
        "GET refusals",
        "GET refusals/{decision_id}",
        "GET decisions/{decision_id}",
    ],
    Permission.END_SESSIONS: [
        "GET sessions",
        *(f"{method} sessions/{{session_id}}" for method in ("GET", "DELETE")),
        "POST users/{user_id}/log-out",
    ],
    Permission.DECIDE_CREATORS: [
        "GET creator-requests",
        "GET creator-requests/{request_id}",
        *(f"POST creator-requests/{{request_id}}/{what}" for what in ("approve", "decline")),
    ],
}
OPENERS: Final = {what: one for one, operations in OPENED.items() for what in operations}


def grant(user: User, *permissions: Permission, **facts: object) -> None:
    for permission in permissions:
        PermissionGrant.objects.create(
            user=user, permission=permission, **{"granted_at": timezone.now(), **facts}
        )


@pytest.fixture
def stage(make_user: MakeUser, make_video: MakeVideo) -> Stage:
    return set_stage(make_user, make_video)


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.operation)
def test_a_permission_opens_what_it_names_and_nothing_else(
    row: Row, stage: Stage, make_user: MakeUser
) -> None:
    opens = OPENERS.get(row.operation)
    holder, other = make_user(), make_user()
    grant(holder, *([] if opens is None else [opens]))
    grant(other, *(one for one in Permission if one is not opens))
    answered = (call(row, holder, stage), call(row, other, stage))
    shut = row.statuses[OTHER]
    assert answered == (shut if opens is None else row.statuses[ADMIN], shut)


def test_every_permission_opens_something_that_is_shut_without() -> None:
    assert OPENED.keys() == set(Permission)
    assert OPENERS.keys() <= {row.operation for row in GUARDED}


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        (Permission.MANAGE_VIDEOS, "videos"),
        (Permission.MANAGE_VIDEOS, "courses"),
        (Permission.MANAGE_VIDEOS, "jobs"),
        (Permission.MANAGE_ENTITLEMENTS, "grants"),
        (Permission.MANAGE_ENTITLEMENTS, "plans"),
        (Permission.MANAGE_ENTITLEMENTS, "subscriptions"),
        (Permission.MANAGE_ENTITLEMENTS, "share-links"),
    ],
)
def test_lists_hold_what_is_everybodys(
    permission: Permission, path: str, stage: Stage, make_user: MakeUser, log_in: LogIn
) -> None:
    holder, other = make_user(), make_user()
    grant(holder, permission)
    grant(other, *(one for one in Permission if one is not permission))
    Plan.objects.create(name="Not on offer", is_offered=False)

    def count(user: User | None) -> int:
        return len(log_in(user).get(f"/api/v1/{path}").json()["results"])

    assert count(holder) == count(stage.callers["admin"])
    assert count(other) == count(stage.callers["other viewer"]) < count(holder)


def test_managing_videos_is_no_leave_to_watch_them(stage: Stage, make_user: MakeUser) -> None:
    holder = make_user()
    grant(holder, *Permission)
    page = f"/api/v1/videos/{stage.names['video_id']}/playback"
    client = Client()
    client.force_login(holder)
    assert client.post(page, {}, "application/json").json()["code"] == "not_entitled"


@pytest.mark.parametrize(
    "facts",
    [
        {"until": LONG_AGO},
        {"until": LONG_AGO, "revoked_at": LONG_AGO},
        {"revoked_at": LONG_AGO},
    ],
    ids=["expired", "both", "revoked"],
)
def test_what_has_ended_holds_nothing(facts: dict[str, object], make_user: MakeUser) -> None:
    user = make_user()
    grant(user, Permission.SEE_REFUSALS, **facts)
    assert not may(user, Permission.SEE_REFUSALS)


def test_what_ends_holds_nothing_from_that_moment_on(make_user: MakeUser) -> None:
    user, until = make_user(), timezone.now() + timedelta(days=1)
    grant(user, Permission.SEE_REFUSALS, until=until)
    client = Client()
    client.force_login(user)
    assert client.get("/api/v1/refusals").status_code == 200
    PermissionGrant.objects.update(until=timezone.now())
    assert client.get("/api/v1/refusals").status_code == 403


def test_whoever_is_suspended_holds_nothing(make_user: MakeUser) -> None:
    user = make_user()
    grant(user, *Permission)
    user.is_active = False
    assert not any(may(user, one) for one in Permission)


def test_all_questions_of_a_request_cost_one_query(make_user: MakeUser) -> None:
    user = make_user()
    grant(user, Permission.SEE_REFUSALS)
    with CaptureQueriesContext(connection) as queries:
        held = {one for one in Permission if may(user, one)}
        assert user.has_perm("refusals.view_refusal")
    assert held == {Permission.SEE_REFUSALS}
    assert len(queries) == 1


@pytest.mark.parametrize("user", [None, Role.ADMIN], ids=["visitor", "admin"])
def test_who_needs_none_is_not_looked_up(user: Role | None, make_user: MakeUser) -> None:
    asking = None if user is None else make_user(user)
    with CaptureQueriesContext(connection) as queries:
        assert may(asking, Permission.SEE_REFUSALS) is (user is Role.ADMIN)
    assert len(queries) == 0
