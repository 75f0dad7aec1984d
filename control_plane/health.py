"""Whether this process lives, and whether all that it needs is there."""

import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import psycopg
import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from control_plane.errors import render_problem
from shared.runtime.problem import Problem

PATIENCE_S: Final = 2


@require_safe
@never_cache
def show_liveness(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def show_readiness(_request: HttpRequest) -> HttpResponse:
    """Every dependency by name: `ok`, or the kind of fault. The log has the rest."""
    states = {name: _try(check) for name, check in _CHECKS.items()}
    if all(state == "ok" for state in states.values()):
        return JsonResponse({"status": "ok", "dependencies": states})
    extra = {"dependencies": states}
    return render_problem(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", extra=extra))


def _try(check: Callable[[], None]) -> str:
    try:
        check()
    except (psycopg.Error, redis.RedisError, OSError) as error:
        return type(error).__name__
    return "ok"


def _check_postgresql() -> None:
    """Over a connection of its own: waiting for one of the pool tells how busy we are."""
    url = settings.CONFIG.database_url.get_secret_value()
    with psycopg.connect(url, connect_timeout=PATIENCE_S) as connection:
        connection.execute("SELECT 1")


def _check_redis() -> None:
    url = settings.CONFIG.redis_url.get_secret_value()
    with redis.Redis.from_url(url, socket_timeout=PATIENCE_S) as client:
        client.ping()


def _check_media_store() -> None:
    folder = settings.CONFIG.media_store
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise FileNotFoundError(folder)


_CHECKS: Final = {
    "postgresql": _check_postgresql,
    "redis": _check_redis,
    "media_store": _check_media_store,
}
