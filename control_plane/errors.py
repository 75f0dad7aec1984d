"""The one shape of every refusal and error: RFC 9457 problem bodies with a stable `code`.

Services raise `Refused`; it is translated here, once, like everything that Django and REST
framework raise by themselves.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import defaults
from drf_standardized_errors.formatter import ExceptionFormatter, flatten_errors
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings

from shared.runtime.problem import PROBLEM_TYPE, Problem

Found = TypeVar("Found")

_API_PREFIXES: Final = ("/api/", "/.well-known/", "/livez", "/readyz")


class Refused(Exception):
    """What was asked for is not done. `code` is stable, `detail` a sentence for people."""

    def __init__(
        self, code: str, *, status: int, detail: str = "", extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.problem: Final = Problem(status, code, detail, dict(extra or {}))


class NotFound(Refused):
    """No such thing, or none that the caller may know of."""

    def __init__(self, detail: str = "", *, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__("not_found", status=HTTPStatus.NOT_FOUND, detail=detail, extra=extra)


def require(found: Found | None, detail: str) -> Found:
    """What was looked for; raises `NotFound` where there is none."""
    if found is None:
        raise NotFound(detail)
    return found


class Unavailable(APIException):
    """The database cannot be reached, or gave up on us; trying again may help."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "Try again."
    default_code = "unavailable"


class ProblemFormatter(ExceptionFormatter):
    """Makes problem bodies of exceptions."""

    def run(self) -> dict[str, Any]:
        return describe_exception(self.exc, self.original_exc).body()


class ProblemHandler(ExceptionHandler):
    """Knows `Refused`, and names the media type of problem bodies."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Refused):
            converted = APIException(exc.problem.detail, exc.problem.code)
            converted.status_code = exc.problem.status
            return converted
        if isinstance(exc, OperationalError):
            return Unavailable()
        if isinstance(exc, SuspiciousOperation):
            return ParseError()  # Django's own limits, such as on the number of parameters
        return super().convert_known_exceptions(exc)

    def get_response(self, exc: APIException, data: dict[str, Any]) -> Response:
        response = super().get_response(exc, data)
        response.content_type = PROBLEM_TYPE
        if exc.status_code == HTTPStatus.UNAUTHORIZED:
            response.headers.setdefault("WWW-Authenticate", "Bearer")
        return response


def describe_exception(exc: APIException, original: Exception) -> Problem:
    """The problem that an exception is; of a bug nothing but that it is one."""
    if isinstance(original, Refused):
        return original.problem
    if isinstance(exc, ValidationError):
        faults = [
            describe_fault(fault.code, fault.detail, field=fault.attr)
            for fault in flatten_errors(exc.detail)
        ]
        return Problem(exc.status_code, "invalid", extra={"errors": faults})
    if exc.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return Problem(exc.status_code, "server_error")
    return Problem(exc.status_code, str(exc.get_codes()), str(exc.detail))


def describe_fault(code: str, detail: str, *, field: str | None) -> dict[str, str | None]:
    """One fault of a body; `field` is None when it concerns no single one."""
    named = None if field == api_settings.NON_FIELD_ERRORS_KEY else field
    return {"field": named, "code": code, "detail": detail}


def render_problem(problem: Problem) -> HttpResponse:
    """A problem as a response of Django's own."""
    return HttpResponse(problem.render(), status=problem.status, content_type=PROBLEM_TYPE)


def handle_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = Problem(HTTPStatus.BAD_REQUEST, "bad_request")
    return _answer(request, problem, lambda: defaults.bad_request(request, exception))


def handle_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = Problem(HTTPStatus.FORBIDDEN, "permission_denied")
    return _answer(request, problem, lambda: defaults.permission_denied(request, exception))


def handle_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = Problem(HTTPStatus.NOT_FOUND, "not_found")
    return _answer(request, problem, lambda: defaults.page_not_found(request, exception))


def handle_server_error(request: HttpRequest) -> HttpResponse:
    problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error")
    return _answer(request, problem, lambda: defaults.server_error(request))


class BareRefusals:
    """Middleware, named in the settings: refusals that Django makes without a body, such as that of
    a method, become problems where programs ask."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if _is_for_programs(request) and _is_bare(response):
            _fill(response)
        return response


def _is_bare(response: HttpResponse) -> bool:
    is_refusal = response.status_code >= HTTPStatus.BAD_REQUEST
    return is_refusal and response.headers.get("Content-Type") != PROBLEM_TYPE


def _fill(response: HttpResponse) -> None:
    """In place, so that headers such as `Allow` stay."""
    status = HTTPStatus(response.status_code)
    response.content = Problem(status, status.name.lower()).render()
    response.headers["Content-Type"] = PROBLEM_TYPE


def handle_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For CSRF_FAILURE_VIEW. The reason is for the log, where Django has put it."""
    problem = Problem(HTTPStatus.FORBIDDEN, "csrf_failed", "The CSRF token is missing or wrong.")
    return _answer(
        request, problem, lambda: defaults.permission_denied(request, PermissionDenied(reason))
    )


def _answer(
    request: HttpRequest, problem: Problem, make_page: Callable[[], HttpResponse]
) -> HttpResponse:
    return render_problem(problem) if _is_for_programs(request) else make_page()


def _is_for_programs(request: HttpRequest) -> bool:
    return request.path.startswith(_API_PREFIXES)
