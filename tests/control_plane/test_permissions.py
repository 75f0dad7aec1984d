"""Who may call what: every operation of the API for every kind of caller, in one table.

The rows lie in `operations`, a module for each package. An operation that is missing there fails
the second test, so a new one cannot be forgotten.
"""

import json
import re
from typing import Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from control_plane.accounts.models import User
from control_plane.api_pages import render_description
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.operations import (
    about,
    accounts,
    activity,
    api_keys,
    catalogue,
    creator_requests,
    entitlements,
    issuers,
    permission_grants,
    personal_data,
    playback,
    refusals,
    sidecars,
    signing,
    transcodes,
    uploads,
)
from tests.control_plane.operations.stage import Stage, set_stage
from tests.control_plane.operations.table import CALLERS, Row

# Pages about the API itself, which everybody may read.
UNDESCRIBED: Final = {"openapi.json", "docs"}
# Served by `uploads.asgi`; tests/control_plane/uploads/test_tus.py asks it over real connections.
AHEAD_OF_DJANGO: Final = "uploads/{upload_id}"

ROWS: Final = [
    *about.ROWS,
    *accounts.ROWS,
    *activity.ROWS,
    *api_keys.ROWS,
    *catalogue.ROWS,
    *creator_requests.ROWS,
    *entitlements.ROWS,
    *issuers.ROWS,
    *permission_grants.ROWS,
    *personal_data.ROWS,
    *playback.ROWS,
    *refusals.ROWS,
    *sidecars.ROWS,
    *signing.ROWS,
    *transcodes.ROWS,
    *uploads.ROWS,
]


@pytest.fixture
def stage(make_user: MakeUser, make_video: MakeVideo) -> Stage:
    return set_stage(make_user, make_video)


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
