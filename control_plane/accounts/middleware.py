"""Allauth's refusals in the shape of all others: problem bodies (RFC 9457).

Statuses stay as they are, but for too many attempts, which are a 429. Its members `data` and
`meta` are kept as extensions: they say which step is pending, and hold the session's token.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from control_plane.errors import describe_fault
from shared.runtime.problem import PROBLEM_TYPE, Problem

_PREFIXES: Final = tuple(f"/api/v1/{name}/" for name in ("auth", "account", "tokens", "browser"))
# Where one of these is among the faults, the request was well formed and is refused for it.
_REFUSALS: Final = {
    "too_many_login_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "email_password_mismatch": HTTPStatus.BAD_REQUEST,
    "incorrect_password": HTTPStatus.BAD_REQUEST,
    "account_inactive": HTTPStatus.BAD_REQUEST,
    "add_email_blocked": HTTPStatus.CONFLICT,
    "cannot_generate_recovery_codes": HTTPStatus.CONFLICT,
}
_CODES: Final = {
    HTTPStatus.FORBIDDEN: "permission_denied",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.GONE: "session_gone",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}


class AccountProblems:
    """Middleware, named in the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or not _is_account_path(request.path):
            return response
        if response.headers["Content-Type"] != PROBLEM_TYPE:
            _rewrite(response)
        return response


def _is_account_path(path: str) -> bool:
    return path.startswith(_PREFIXES)


def _rewrite(response: HttpResponse) -> None:
    """In place, so that cookies and headers stay."""
    problem = translate_refusal(response.status_code, _read_members(response.content))
    response.content = problem.render()
    response.status_code = problem.status
    response.headers["Content-Type"] = PROBLEM_TYPE
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"


def _read_members(content: bytes) -> dict[str, Any]:
    try:
        members = json.loads(content)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def translate_refusal(status: int, members: dict[str, Any]) -> Problem:
    """The problem that an answer of allauth's is."""
    kept = {name: value for name, value in members.items() if name in ("data", "meta")}
    if status == HTTPStatus.BAD_REQUEST:
        return _translate_faults(members.get("errors", []), kept)
    if status == HTTPStatus.UNAUTHORIZED:
        return Problem(status, _name_missing_step(members), extra=kept)
    if errors := members.get("errors"):
        return Problem(status, errors[0]["code"], errors[0]["message"], kept)
    return Problem(status, _CODES.get(HTTPStatus(status), "server_error"), extra=kept)


def _translate_faults(errors: list[dict[str, Any]], kept: dict[str, Any]) -> Problem:
    faults = [
        describe_fault(error["code"], error["message"], field=error.get("param"))
        for error in errors
    ]
    for error in errors:
        if error["code"] in _REFUSALS:
            return Problem(_REFUSALS[error["code"]], error["code"], error["message"], kept)
    return Problem(HTTPStatus.BAD_REQUEST, "invalid", extra={"errors": faults, **kept})


def _name_missing_step(members: dict[str, Any]) -> str:
    flows = members.get("data", {}).get("flows", [])
    for flow in flows:
        if flow.get("is_pending"):
            return f"{flow['id']}_pending"
    is_authenticated = members.get("meta", {}).get("is_authenticated")
    return "reauthentication_required" if is_authenticated else "not_authenticated"
