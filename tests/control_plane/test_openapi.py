"""Tests for control_plane/openapi.py and api_pages.py: how the API describes itself."""

import re

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


def test_the_description_is_made_without_warnings_and_is_valid() -> None:
    reset_generator_stats()
    description = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    assert not GENERATOR_STATS, dict(GENERATOR_STATS._warn_cache | GENERATOR_STATS._error_cache)
    assert description["openapi"].startswith("3.1")
    validate_schema(description)  # type: ignore[no-untyped-call]


def test_anybody_may_read_it() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/vnd.oai.openapi+json"
    assert answer.json()["info"]["title"] == "Sluice"


def test_error_responses_are_problems() -> None:
    responses = (
        Client().get("/api/v1/openapi.json").json()["paths"]["/api/v1/me"]["patch"]["responses"]
    )
    assert {"400", "401", "405", "415", "500"} <= responses.keys()
    for status, response in responses.items():
        media_type = "application/json" if status < "400" else "application/problem+json"
        assert set(response["content"]) == {media_type}


@pytest.mark.parametrize("query", ["", "?script="])
def test_the_pages_load_nothing_from_elsewhere(query: str) -> None:
    answer = Client().get(f"/api/v1/docs{query}")
    assert answer.status_code == 200
    assert not re.search(rb"""(src|href|url)["']?\s*[=:]\s*["']?(https?:)?//""", answer.content)
    assert b"<script>" not in answer.content
