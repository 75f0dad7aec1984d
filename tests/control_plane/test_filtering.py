"""Tests for control_plane/filtering.py and paging.py: parameters of lists that mean nothing."""

import pytest
from rest_framework.test import APIClient

from tests.control_plane.conftest import MakeUser

VIDEOS, SESSIONS = "/api/v1/videos", "/api/v1/me/sessions"


@pytest.fixture
def viewer(make_user: MakeUser) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user())
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        *((VIDEOS, "page_size", value) for value in ("0", "101", "-1", "1.5", "many", "", "٣")),
        *((VIDEOS, "premium", value) for value in ("yes", "1", "")),
        (SESSIONS, "running", "null"),
        (VIDEOS, "creator", ""),
        (VIDEOS, "creator", "me"),
        (VIDEOS, "visibility", "hidden"),
    ],
)
def test_what_means_nothing_is_refused_by_name(
    viewer: APIClient, address: str, name: str, value: str
) -> None:
    answer = viewer.get(address, {name: value})
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == [name]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["page_size=1", "page_size=100", "premium=true", "premium=false", "search=", "other=1"]
)
def test_the_rest_is_taken(viewer: APIClient, query: str) -> None:
    assert viewer.get(f"{VIDEOS}?{query}").status_code == 200
