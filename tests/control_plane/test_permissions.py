"""Who may call what: every operation of the API for every kind of caller, in one table.

An operation that is missing here fails the first test, so a new one cannot be forgotten.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from control_plane.accounts.models import Role, User
from control_plane.api_pages import render_description
from control_plane.entitlements.services import grant_access
from control_plane.transcodes.models import TranscodeJob
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.refusals.records import keep_refusal

# The video is the creator's, granted to the viewer; the other two have nothing to do with it.
CALLERS: Final = ("visitor", "viewer", "other viewer", "creator", "other creator", "admin")
# Pages about the API itself, which everybody may read.
UNDESCRIBED: Final = {"openapi.json", "docs"}
# Served by `uploads.asgi`; tests/control_plane/uploads/test_tus.py asks it over real connections.
AHEAD_OF_DJANGO: Final = "uploads/{upload_id}"

NEWCOMER: Final = {"email": "new@example.org", "password": "correct horse battery"}
UPLOAD: Final = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "1000",
    "Upload-Metadata": "video_id {video_id_b64}",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An operation, and the status that each caller gets, in the order of `CALLERS`."""

    operation: str
    statuses: tuple[int, ...]
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def row(operation: str, *statuses: int, body: Any = None, headers: Any = None) -> Row:
    return Row(operation, statuses, body, headers or {})


# What allauth answers to whoever is logged in does not depend on the role.
ACCOUNT_ROWS: Final = [
    row("GET config", *[200] * 6),
    row("GET auth/session", 401, *[200] * 5),
    row("DELETE auth/session", *[401] * 6),
    row("GET auth/sessions", 401, *[200] * 5),
    row("DELETE auth/sessions", 401, *[400] * 5, body={}),
    row("POST auth/login", *[400] * 6, body={}),
    row("POST auth/signup", 401, *[409] * 5, body=NEWCOMER),
    row("GET auth/email/verify", *[400] * 6),
    row("POST auth/email/verify", *[400] * 6, body={"key": "made up"}),
    row("POST auth/password/request", *[400] * 6, body={}),
    row("GET auth/password/reset", *[400] * 6),
    row("POST auth/password/reset", *[400] * 6, body={"key": "made up", "password": "x"}),
    row("POST auth/reauthenticate", 401, *[400] * 5, body={"password": "wrong"}),
    row("POST account/password/change", 401, *[400] * 5, body={"new_password": "x"}),
    row("GET account/email", 401, *[200] * 5),
    row("POST account/email", 409, *[200] * 5, body={"email": "new@example.org"}),
    row("PUT account/email", 401, *[400] * 5, body={"email": "new@example.org"}),
    row("PATCH account/email", 401, *[400] * 5, body={"email": "new@example.org"}),
    row("DELETE account/email", 401, *[400] * 5, body={"email": "new@example.org"}),
]

ROWS: Final = [
    *ACCOUNT_ROWS,
    *(
        row(one.operation.replace(" ", " browser/"), *one.statuses, body=one.body)
        for one in ACCOUNT_ROWS
    ),
    row("POST tokens/refresh", *[400] * 6, body={"refresh_token": "made up"}),
    row("GET me", 401, *[200] * 5),
    row("PATCH me", 401, *[200] * 5, body={"display_name": "Ada"}),
    row("GET me/sessions", 401, *[200] * 5),
    row("GET sessions", 401, 403, 403, 403, 403, 200),
    row("GET refusals", 401, 403, 403, 403, 403, 200),
    row("GET refusals/{decision_id}", 401, 403, 403, 403, 403, 200),
    row("GET grants", 401, *[200] * 5),
    row(
        "POST grants",
        *(401, 404, 404, 201, 404, 201),
        body={"video": "{video_id}", "email": "new@example.org"},
    ),
    row("DELETE grants/{grant_id}", 401, 404, 404, 204, 404, 204),
    row("GET videos", *[200] * 6),
    row("POST videos", 401, 403, 403, 201, 201, 201, body={"title": "A film"}),
    row("GET videos/{video_id}", 404, 200, 404, 200, 404, 200),
    row("PATCH videos/{video_id}", 401, 404, 404, 200, 404, 200, body={"title": "Another"}),
    row("DELETE videos/{video_id}", 401, 404, 404, 204, 404, 204),
    row("POST videos/{video_id}/publish", 401, 404, 404, 200, 404, 200),
    row("POST videos/{video_id}/unpublish", 401, 404, 404, 200, 404, 200),
    row("POST videos/{video_id}/playback", 401, 201, 403, 201, 403, 201),
    # 415: the body is looked at, since the caller may
    row("POST videos/{video_id}/source", 401, 403, 403, 415, 404, 415, body={}),
    row("POST videos/{video_id}/transcode", 401, 404, 404, 201, 404, 201),
    row("POST videos/{video_id}/plan", 401, 404, 404, 201, 404, 201),
    row("GET videos/{video_id}/captions", 401, 404, 404, 200, 404, 200),
    row("POST videos/{video_id}/captions", 401, 404, 404, 415, 404, 415, body={}),
    row("DELETE videos/{video_id}/captions/{caption_id}", 401, 404, 404, 204, 404, 204),
    row("GET videos/{video_id}/poster", 401, 404, 404, 200, 404, 200),
    row("PUT videos/{video_id}/poster", 401, 404, 404, 200, 404, 200, body={"number": None}),
    row("GET jobs", 401, *[200] * 5),
    row("GET jobs/{job_id}", 401, 404, 404, 200, 404, 200),
    row(
        "GET jobs/{job_id}/events",
        *(401, 404, 404, 204, 404, 204),
        headers={"Last-Event-ID": "seen"},
    ),
    row("GET jobs/{job_id}/chunks", 401, 403, 403, 403, 403, 200),
    row(
        "POST jobs/{job_id}/priority",
        *(401, 403, 403, 403, 403, 200),
        body={"priority": "high"},
    ),
    row("POST jobs/{job_id}/retry", 401, 404, 404, 200, 404, 200),
    # 409: it has failed, so there is nothing to cancel
    row("POST jobs/{job_id}/cancel", 401, 404, 404, 409, 404, 409),
    row("POST uploads", 401, 403, 403, 201, 404, 201, headers=UPLOAD),
]


@dataclass(frozen=True, slots=True)
class Stage:
    """Who calls, and what the placeholders of paths, bodies and headers stand for."""

    callers: dict[str, User | None]
    names: dict[str, str]

    def fill(self, texts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: text.format_map(self.names) if isinstance(text, str) else text
            for name, text in texts.items()
        }


@pytest.fixture
def stage(make_user: MakeUser, make_video: MakeVideo) -> Stage:
    roles = (None, Role.VIEWER, Role.VIEWER, Role.CREATOR, Role.CREATOR, Role.ADMIN)
    users = [None if role is None else make_user(role) for role in roles]
    _, viewer, _, creator, _, _ = users
    assert viewer is not None
    assert creator is not None
    video = make_video(creator, visibility="granted")
    grant, _ = grant_access(viewer, video.id, by=creator, expires_at=None)
    job = TranscodeJob.objects.create(video=video, state="failed", failure_reason="internal")
    caption = video.captions.create(language="en", name="English", cues=1)
    names = {
        "caption_id": str(caption.id),
        "video_id": str(video.id),
        "job_id": str(job.id),
        "video_id_b64": b64encode(str(video.id).encode()).decode(),
        "grant_id": str(grant.id),
        "decision_id": keep_refusal().pk,
    }
    return Stage(dict(zip(CALLERS, users, strict=True)), names)


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
def test_each_caller_is_answered_as_the_table_says(row: Row, stage: Stage) -> None:
    answered = {name: call(row, user, stage) for name, user in stage.callers.items()}
    assert answered == dict(zip(CALLERS, row.statuses, strict=True))


def call(row: Row, user: User | None, stage: Stage) -> int:
    """Make the call; what it did is undone, so that callers do not meet."""
    method, path = row.operation.split(" ")
    client, headers = Client(), stage.fill(row.headers)
    if user is not None:
        client.force_login(user)
        headers["X-Session-Token"] = str(client.session.session_key)
    body = b"" if row.body is None else json.dumps(stage.fill(row.body))
    path = "/api/v1/" + path.format_map(stage.names)
    with transaction.atomic():
        status = client.generic(method, path, body, "application/json", headers=headers).status_code
        transaction.set_rollback(True)
    return status


def test_every_operation_is_in_the_table() -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}"
        for path, operations in json.loads(render_description())["paths"].items()
        for method in operations
    }
    ahead = {f"{method} {AHEAD_OF_DJANGO}" for method in ("HEAD", "PATCH", "DELETE")}
    assert {row.operation for row in ROWS} | ahead == described


def test_every_route_is_described() -> None:
    described = json.loads(render_description())["paths"].keys()
    routes = {route for route in list_routes(get_resolver()) if route.startswith("/api/v1/")}
    assert (
        routes - {f"/api/v1/{name}" for name in UNDESCRIBED} | {f"/api/v1/{AHEAD_OF_DJANGO}"}
        == described
    )


def list_routes(resolver: URLResolver, prefix: str = "/") -> list[str]:
    """Every route, with placeholders as OpenAPI writes them."""
    routes = []
    for pattern in resolver.url_patterns:
        route = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            routes += list_routes(pattern, route)
        else:
            routes.append(route)
    return routes
