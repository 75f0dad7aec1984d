"""All routes that players can reach, and the one place where expected errors become answers."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.http import HttpVersion10, HttpVersion11

from edge.access_log import AccessLog, Visit
from edge.content.outage import Complaints
from edge.content.reader import ReaderBusy
from edge.cookies import set_cookie
from edge.gate.decisions import Refused
from edge.http.cors import VARIES, name_origin
from edge.http.errors import (
    BAD_REQUEST,
    BUSY,
    CONTENT_TOO_LARGE,
    METHOD_NOT_ALLOWED,
    METHOD_UNKNOWN,
    NOT_FOUND,
    STORE_UNAVAILABLE,
    TOO_MANY_REFUSALS,
    TOO_MANY_REQUESTS,
    VERSION_UNSUPPORTED,
    Failed,
    reply_problem,
    reply_refusal,
)
from edge.http.requests import Request, Target, read_target
from edge.http.responses import NEVER_STORED, Reply, render_head
from edge.limits import Limits, NoRoom, TooMany
from edge.media import Media
from edge.metrics import Counters
from edge.state.refusal_feed import RefusalFeed
from edge.take_over import take_over
from shared.events.refusals import RefusalCode
from shared.paths import parse_media_path
from shared.runtime.store.interface import StoreError

Order: TypeAlias = Callable[[Media, Request, Visit], Awaitable[Reply]]

LIVE_PATH: Final = "/livez"
COOKIE_PATH: Final = "/v1/cookie"
TAKE_OVER_PATH: Final = "/v1/take-over"

MAX_CONTENT: Final = 4096
"""Bodies say nothing here; longer ones are not waited for."""

_ORDERS: Final = MappingProxyType[str, Order]({COOKIE_PATH: set_cookie, TAKE_OVER_PATH: take_over})
_READING: Final = ("GET", "HEAD", "OPTIONS")
_ORDERING: Final = ("OPTIONS", "POST")
_KNOWN: Final = {*_READING, *_ORDERING, "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}

_VISIT: Final = web.RequestKey("visit", Visit)

_LIVE: Final = render_head(
    200, {"Content-Type": "text/plain", "Content-Length": "3", "Cache-Control": NEVER_STORED}
)


@dataclass(frozen=True, slots=True)
class Routes:
    """What stands behind the public listener. `credential_origins` are those whose pages may use
    cookies and read what comes back."""

    media: Media
    counters: Counters
    access_log: AccessLog
    limits: Limits
    refusals: RefusalFeed
    credential_origins: frozenset[str] = frozenset()
    complaints: Complaints = field(default_factory=partial(Complaints, "the store failed"))

    async def answer(self, request: web.BaseRequest) -> Reply:
        visit = request[_VISIT] = Visit(request.method, time.time())
        self.counters.in_flight += 1
        target = read_target(request.raw_path)
        try:
            reply = await self._route(request, target, visit)
        except Refused as refused:
            reply = self._refuse(refused, request, visit)
        except TooMany:
            reply = reply_problem(TOO_MANY_REQUESTS)
        except NoRoom:
            reply = reply_problem(BUSY)
        except Failed as failed:
            reply = reply_problem(failed.problem, fields=failed.fields)
        except ReaderBusy:
            reply = reply_problem(BUSY)
        except StoreError as error:
            self.complaints.record(error)
            reply = reply_problem(STORE_UNAVAILABLE)
        if self.credential_origins and target is not None and _takes_cookies(target.path):
            self._open_to_origin(reply, request.headers.get("Origin"))
        return reply

    async def _route(self, request: web.BaseRequest, target: Target | None, visit: Visit) -> Reply:
        if request.version not in (HttpVersion11, HttpVersion10):
            raise Failed(VERSION_UNSUPPORTED)
        path = "" if target is None else target.path
        allowed = _ORDERING if path in _ORDERS else _READING
        _check_method(request.method, allowed)
        if target is None:
            raise Failed(BAD_REQUEST)
        if request.method == "OPTIONS":
            return Reply(204, _render_preflight(allowed))
        wanted = Request(request.method, target, request.headers, request.remote or "")
        client = self.limits.clients.find_behind_proxy(wanted.address, wanted.headers)
        if client is not None:
            visit.leave.append(self.limits.client_requests.take(client))
        if path in _ORDERS:
            _check_content(request)
            return await _ORDERS[path](self.media, wanted, visit)
        if path == LIVE_PATH:
            return Reply(200, _LIVE, body=b"ok\n")
        url = parse_media_path(path)
        if url is None:
            raise Failed(NOT_FOUND)
        return await self.media.answer(url, wanted, visit)

    def _open_to_origin(self, reply: Reply, origin: str | None) -> None:
        if origin in self.credential_origins:
            reply.head = name_origin(reply.head, origin)
        reply.head += VARIES

    def _refuse(self, refused: Refused, request: web.BaseRequest, visit: Visit) -> Reply:
        """Explain a refusal, unless its client had too many explained; that there are no keys is
        no client's fault."""
        client = self.limits.clients.find(request.remote or "", request.headers)
        explained = self.limits.refusals.allows(client, now=time.monotonic())
        if not explained and refused.code is not RefusalCode.KEYS_UNAVAILABLE:
            return reply_problem(TOO_MANY_REFUSALS, keep_alive=False)
        reply = reply_refusal(refused)
        peer = self.media.admission.find_peer(request.remote or "", request.headers)
        self.refusals.record(
            refused,
            visit,
            decision_id=reply.note["decision_id"],
            origin=request.headers.get("Origin"),
            peer=None if peer is None else str(peer),
        )
        return reply

    def observe(self, request: web.BaseRequest, reply: Reply) -> None:
        """Count and log an answer when its last byte was handed over, or its client left."""
        visit = request.get(_VISIT)
        if visit is None:
            # the parser's refusals do not come by `answer`
            visit = Visit("unknown", time.time())
        else:
            self.counters.in_flight -= 1
        for leave in visit.leave:
            leave()
        visit.status, visit.sent_bytes, visit.note = reply.status, reply.sent_bytes, reply.note
        visit.ended_at = time.time()
        self.counters.count(visit)
        self.access_log.record(visit)


def _takes_cookies(path: str) -> bool:
    """Whether cookies count at a path, or are given out there."""
    url = parse_media_path(path)
    return path in _ORDERS if url is None else url.token is None


def _check_method(method: str, allowed: tuple[str, ...]) -> None:
    """RFC 9110 section 9.1: 501 for a method that nothing here knows, 405 for one out of place."""
    if method not in allowed:
        problem = METHOD_NOT_ALLOWED if method in _KNOWN else METHOD_UNKNOWN
        raise Failed(problem, {"Allow": ", ".join(allowed)})


def _check_content(request: web.BaseRequest) -> None:
    if (request.content_length or 0) > MAX_CONTENT:
        raise Failed(CONTENT_TOO_LARGE)


@lru_cache
def _render_preflight(allowed: tuple[str, ...]) -> bytes:
    """Permission to send, not to read: what comes back is judged on its own."""
    methods = ", ".join(allowed)
    return render_head(
        204,
        {
            "Allow": methods,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": (
                "Authorization, If-Match, If-None-Match, If-Range, Range,"
                " CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status"
            ),
            "Access-Control-Max-Age": "86400",
        },
    )
