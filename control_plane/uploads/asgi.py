"""Uploads as a raw ASGI application ahead of Django.

Django keeps a request's body until all of it is there, and throws it away when the connection
breaks. Here bytes are kept as they arrive, and no database connection is held meanwhile. Who
calls is found out as everywhere, by the API's authentication classes.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from io import BytesIO
from typing import Final, TypeAlias, cast
from uuid import UUID

from corsheaders.middleware import CorsMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.database import in_database
from control_plane.errors import Refused, describe_exception, render_problem
from control_plane.uploads import protocol, tus
from control_plane.uploads.asgi_types import Receive, Scope, Send
from shared.runtime.problem import Problem

Answer: TypeAlias = Callable[[HttpRequest], Awaitable[HttpResponse]]

_log = logging.getLogger(__name__)


async def serve_upload(scope: Scope, receive: Receive, send: Send, *, upload_id: UUID) -> None:
    """Answer one request to `/api/v1/uploads/<upload_id>`."""

    async def answer(request: HttpRequest) -> HttpResponse:
        response = await _answer(request, upload_id=upload_id, receive=receive)
        protocol.add_headers(response, protocol.describe_version(response.status_code))
        return response

    request = ASGIRequest(_override_method(scope), BytesIO())
    answer_across_origins = cast("Answer", CorsMiddleware(answer))
    await _send_response(await answer_across_origins(request), send)


def _override_method(scope: Scope) -> Scope:
    """For clients that can send nothing but POST. A method that is safe overrides nothing, or it
    would be a way around the CSRF check."""
    override = dict(scope["headers"]).get(b"x-http-method-override")
    if scope["method"] != "POST" or override is None:
        return scope
    return {**scope, "method": override.decode("latin-1").upper()}


async def _answer(request: HttpRequest, *, upload_id: UUID, receive: Receive) -> HttpResponse:
    try:
        request.get_host()
        if request.method == "OPTIONS":
            return tus.describe_server()
        tus.check_method(request)
        protocol.check_version(request.headers)
        user = await in_database(_authenticate, request)
        return await tus.answer_upload_request(request, user, upload_id=upload_id, receive=receive)
    except Refused as error:
        return _render(error.problem)
    except APIException as error:
        return _render(describe_exception(error, error))
    except SuspiciousOperation:
        return _render(Problem(HTTPStatus.BAD_REQUEST, "bad_request"))
    except Exception:
        _log.exception("request to an upload failed", extra={"upload_id": str(upload_id)})
        return _render(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error"))


def _authenticate(request: HttpRequest) -> User:
    """Who calls; raises what the API's authentication classes raise."""
    SessionMiddleware(_nothing).process_request(request)
    AuthenticationMiddleware(_nothing).process_request(request)
    return require_caller(Request(request, authenticators=APIView().get_authenticators()))


def _nothing(_request: HttpRequest) -> HttpResponse:
    """What the middlewares, of which one half is used, would call next."""
    return HttpResponse()


_EXTRA_HEADERS: Final[dict[int, dict[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.METHOD_NOT_ALLOWED: {"Allow": "HEAD, PATCH, DELETE, OPTIONS"},
}


def _render(problem: Problem) -> HttpResponse:
    response = render_problem(problem)
    protocol.add_headers(response, _EXTRA_HEADERS.get(problem.status, {}))
    return response


async def _send_response(response: HttpResponse, send: Send) -> None:
    response.headers.setdefault("Content-Length", str(len(response.content)))
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.items()
    ]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
