"""Tests for control_plane/errors.py, through views that fail in every way."""

from typing import Any

import pytest
from django.core.exceptions import TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from control_plane.errors import NotFound, Refused
from control_plane.urls import handler400, handler403, handler404, handler500  # noqa: F401

FAILURES: dict[str, Exception] = {
    "refused": Refused("not_ready", status=409, detail="No asset yet.", extra={"retry_in_s": 5}),
    "log-in": Refused("login_required", status=401),
    "not-found": NotFound("No such video."),
    "throttled": exceptions.Throttled(wait=7),
    "invalid": serializers.ValidationError({"title": ["too long"], "parts": [{}, {"x": ["bad"]}]}),
    "invalid-whole": serializers.ValidationError({"non_field_errors": ["odd"]}),
    "database": OperationalError("connection to 10.0.0.5 refused"),
    "suspicious": TooManyFieldsSent("The number of GET/POST parameters exceeded 1000."),
    "bug": RuntimeError("password=hunter2"),
}


class Fail(APIView):
    """Raises what the path names."""

    permission_classes = (AllowAny,)

    def get(self, _request: Request, kind: str) -> Response:
        raise FAILURES[kind]


class MembersOnly(APIView):
    """Has the default permissions."""

    def get(self, _request: Request) -> Response:
        return Response()


def fail_in_django(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("password=hunter2")


urlpatterns = [
    path("api/v1/fail/<kind>", Fail.as_view()),
    path("api/v1/members", MembersOnly.as_view()),
    path("api/v1/plain", fail_in_django),
    path("page", fail_in_django),
    path("", include("control_plane.urls")),
]

pytestmark = pytest.mark.urls("tests.control_plane.test_errors")


def get(path: str, **headers: str) -> Any:
    client = APIClient(raise_request_exception=False)
    return client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (
            "refused",
            409,
            {"code": "not_ready", "detail": "No asset yet.", "retry_in_s": 5, "title": "Conflict"},
        ),
        ("not-found", 404, {"code": "not_found", "detail": "No such video."}),
        ("throttled", 429, {"code": "throttled"}),
        (
            "database",
            503,
            {"code": "unavailable", "detail": "Try again.", "title": "Service Unavailable"},
        ),
        ("suspicious", 400, {"code": "parse_error", "detail": "Malformed request."}),
        ("bug", 500, {"code": "server_error", "type": "urn:sluice:problem:server_error"}),
        (
            "invalid",
            400,
            {
                "code": "invalid",
                "errors": [
                    {"field": "title", "code": "invalid", "detail": "too long"},
                    {"field": "parts.1.x", "code": "invalid", "detail": "bad"},
                ],
            },
        ),
        (
            "invalid-whole",
            400,
            {"errors": [{"field": None, "code": "invalid", "detail": "odd"}]},
        ),
    ],
)
def test_every_failure_is_a_problem(kind: str, status: int, body: dict[str, Any]) -> None:
    answer = get(f"/api/v1/fail/{kind}")
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json().items() >= body.items()


@pytest.mark.parametrize("path", ["/api/v1/fail/bug", "/api/v1/plain", "/page"])
def test_a_bug_does_not_tell_what_it_is(path: str) -> None:
    assert b"hunter2" not in get(path).content


def test_waiting_time_is_a_header_too() -> None:
    assert get("/api/v1/fail/throttled").headers["Retry-After"] == "7"


def test_a_service_that_asks_to_log_in_says_how() -> None:
    answer = get("/api/v1/fail/log-in")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authenticated"),
        ({"Authorization": "Bearer made.up.token"}, "authentication_failed"),
    ],
)
def test_a_stranger_is_asked_to_log_in(headers: dict[str, str], code: str) -> None:
    answer = get("/api/v1/members", **headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nowhere", 404, "not_found"),
        ("get", "/.well-known/nowhere", 404, "not_found"),
        ("get", "/api/v1/plain", 500, "server_error"),
        ("delete", "/api/v1/members", 401, "not_authenticated"),
        ("post", "/api/v1/fail/bug", 405, "method_not_allowed"),
    ],
)
def test_what_django_answers_itself_is_a_problem_too(
    method: str, path: str, status: int, code: str
) -> None:
    answer = APIClient(raise_request_exception=False).generic(method.upper(), path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/page", 500)])
def test_elsewhere_errors_are_pages(path: str, status: int) -> None:
    answer = get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_host_that_is_not_ours_is_a_problem() -> None:
    answer = Client(headers={"Host": "elsewhere.example"}).get("/api/v1/members")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
