"""Every call of the API is counted before anybody works on it, and told what is left.

The headers are those of draft-ietf-httpapi-ratelimit-headers. While Redis is away nothing is
counted: logging in and the like are then refused, since passwords could be guessed, and all else
is answered.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from control_plane.errors import render_problem
from control_plane.limits.callers import find_address, find_user_id
from control_plane.limits.counting import PAUSE_S, Count, CounterAway, open_counter
from control_plane.limits.families import Family, find_family
from control_plane.rates import Rate
from shared.runtime.problem import Problem

_TOO_MANY: Final = Problem(HTTPStatus.TOO_MANY_REQUESTS, "throttled", "Too many calls.")
_AWAY: Final = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Try again.")


class RateLimits:
    """Middleware, named in the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        family = find_family(request.method or "", request.path)
        if family is None:
            return self._get_response(request)
        policy, rate, caller = choose_policy(family, request)
        try:
            count = open_counter().count(f"{_prefix()}{caller}", rate, now=time.time())
        except CounterAway:
            return self._answer_uncounted(request, family)
        response = self._get_response(request) if count.taken else _refuse(count.seconds)
        _tell(response, policy, rate, count)
        return response

    def _answer_uncounted(self, request: HttpRequest, family: Family) -> HttpResponse:
        if family is not Family.AUTH:
            return self._get_response(request)
        response = render_problem(_AWAY)
        response.headers["Retry-After"] = str(PAUSE_S)
        return response


def choose_policy(family: Family, request: HttpRequest) -> tuple[str, Rate, str]:
    """The policy's name, its rate, and by what the call is counted.

    Who logs in is nobody yet, so that calls of this kind are counted by address.
    """
    config = settings.CONFIG
    user_id = None if family is Family.AUTH else find_user_id(request)
    caller = f"user:{user_id}" if user_id else f"address:{find_address(request)}"
    policy, rate = {
        Family.AUTH: ("auth", config.limit_auth),
        Family.PLAYERS: ("players", config.limit_players),
        Family.GENERAL: (
            ("authenticated", config.limit_authenticated)
            if user_id
            else ("anonymous", config.limit_anonymous)
        ),
    }[family]
    return policy, rate, f"{policy}:{caller}"


def _refuse(seconds: int) -> HttpResponse:
    response = render_problem(_TOO_MANY)
    response.headers["Retry-After"] = str(seconds)
    return response


def _tell(response: HttpResponse, policy: str, rate: Rate, count: Count) -> None:
    response.headers["RateLimit-Policy"] = f'"{policy}";q={rate.quota};w={rate.window_s}'
    response.headers["RateLimit"] = f'"{policy}";r={count.left};t={count.seconds}'


def _prefix() -> str:
    """Beside the keys of the cache, which have the same prefix."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:limits:"
