"""Tests for control_plane/accounts/openapi.py: allauth's operations beside ours."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    parsed: Document = Client().get("/api/v1/openapi.json").json()
    return parsed


def test_every_operation_that_is_offered_is_described(document: Document) -> None:
    offered = {
        "/" + route.removesuffix("$")
        for route in _list_routes(get_resolver().url_patterns)
        if re.match(r"api/v1/(browser/)?(auth|account|tokens|config)", route)
    }
    described = {
        path for path in document["paths"] if re.search(r"/(auth|account|token|conf)", path)
    }
    assert described == offered
    assert "/api/v1/tokens/refresh" in described
    assert "/api/v1/browser/tokens/refresh" not in described


def _list_routes(patterns: Any, prefix: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        found += (
            _list_routes(pattern.url_patterns, route)
            if hasattr(pattern, "url_patterns")
            else [route]
        )
    return found


def test_every_reference_leads_somewhere(document: Document) -> None:
    for section, name in re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(document)):
        assert name in document["components"][section]


def test_operations_have_names_of_their_own(document: Document) -> None:
    names = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))


def test_refusals_are_problems(document: Document) -> None:
    responses = document["paths"]["/api/v1/auth/login"]["post"]["responses"]
    content = responses["400"]["content"]["application/problem+json"]
    assert content["schema"] == {"$ref": "#/components/schemas/InvalidProblem"}


def test_signing_up_is_described_as_it_is_here(document: Document) -> None:
    schema = document["components"]["schemas"]["AccountBaseSignup"]
    assert set(schema["properties"]) == {"email", "display_name", "invitation"}
    assert schema["required"] == ["email"]


def test_a_program_may_send_a_token_and_a_page_a_cookie(document: Document) -> None:
    paths = document["paths"]
    assert {"accessToken": []} in paths["/api/v1/auth/sessions"]["get"]["security"]
    assert {"cookieAuth": []} in paths["/api/v1/browser/auth/sessions"]["get"]["security"]
