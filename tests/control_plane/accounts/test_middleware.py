"""Tests for control_plane/accounts/middleware.py: what becomes of allauth's refusals."""

from typing import Any

import pytest

from control_plane.accounts.middleware import translate_refusal

FLOWS = {"flows": [{"id": "login"}, {"id": "verify_email", "is_pending": True}]}
TAKEN = {"code": "required", "message": "Needed.", "param": "email"}
LOCKED = {"code": "too_many_login_attempts", "message": "Later."}


@pytest.mark.parametrize(
    ("status", "members", "problem"),
    [
        (
            400,
            {"errors": [TAKEN, {"code": "odd", "message": "Odd."}]},
            {
                "status": 400,
                "code": "invalid",
                "errors": [
                    {"field": "email", "code": "required", "detail": "Needed."},
                    {"field": None, "code": "odd", "detail": "Odd."},
                ],
            },
        ),
        (400, {}, {"status": 400, "code": "invalid", "errors": []}),
        (
            400,
            {"errors": [TAKEN, LOCKED]},
            {"status": 429, "code": "too_many_login_attempts", "detail": "Later."},
        ),
        (401, {"data": FLOWS}, {"code": "verify_email_pending", "data": FLOWS}),
        (401, {"data": {"flows": [{"id": "login"}]}}, {"code": "not_authenticated"}),
        (
            401,
            {"meta": {"is_authenticated": True}},
            {"code": "reauthentication_required", "meta": {"is_authenticated": True}},
        ),
        (403, {"status": 403}, {"status": 403, "code": "permission_denied"}),
        (409, {}, {"code": "conflict"}),
        (410, {}, {"code": "session_gone"}),
        (429, {}, {"code": "throttled"}),
        (500, {}, {"status": 500, "code": "server_error"}),
    ],
    ids=[
        "faults",
        "no reason",
        "locked",
        "address not confirmed",
        "not logged in",
        "log in again",
        "forbidden",
        "conflict",
        "session gone",
        "too many",
        "bug",
    ],
)
def test_a_refusal_becomes_a_problem(
    status: int, members: dict[str, Any], problem: dict[str, Any]
) -> None:
    assert translate_refusal(status, members).body().items() >= problem.items()
