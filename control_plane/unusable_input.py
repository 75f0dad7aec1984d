"""What can be read and yet not be used is refused before anybody works on it.

A NUL, in a query or in JSON, is text that PostgreSQL does not take. Python's JSON parser lets lone
surrogates through, which neither the database nor a password's hash takes, and fails outside of its
own error on deep nesting and endless numbers. Malformed bodies pass: whoever reads them says so.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from control_plane.errors import render_problem
from shared.runtime.problem import Problem

_API_PREFIX: Final = "/api/"
_FORM: Final = "multipart/form-data"
_MAX_DEPTH: Final = 32
_NUL: Final = "%00"
# Others nobody offers, but some of allauth's views answer them like any of these.
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_UNKNOWN_METHOD: Final = Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed")
_UNUSABLE: Final = Problem(HTTPStatus.BAD_REQUEST, "parse_error", "The body's JSON is unusable.")


class UnusableInput:
    """Middleware, named in the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _METHODS:
            return _refuse_method()
        if _NUL in request.META["QUERY_STRING"]:
            raise BadRequest("a NUL in the query")
        if _may_hold_json(request) and not is_usable(request.body):
            return render_problem(_UNUSABLE)
        return self._get_response(request)


def _refuse_method() -> HttpResponse:
    response = render_problem(_UNKNOWN_METHOD)
    response.headers["Allow"] = ", ".join(_METHODS)
    return response


def is_usable(body: bytes) -> bool:
    """Whether this is no JSON at all, or JSON that can be worked with."""
    try:
        value = json.loads(body)
        _check(value, _MAX_DEPTH)
        json.dumps(value, ensure_ascii=False).encode()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return True
    except (ValueError, RecursionError):
        return False
    return True


def _may_hold_json(request: HttpRequest) -> bool:
    """Some readers do not look at the content type, so only forms are told apart."""
    return request.path.startswith(_API_PREFIX) and request.content_type != _FORM


def _check(value: Any, left: int) -> None:
    if left == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a NUL in a text")
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        for child in value:
            _check(child, left - 1)
