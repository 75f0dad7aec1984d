"""All routes that players can reach, and the one place where expected errors become answers."""

import logging
import time
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.http import HttpVersion10, HttpVersion11

from edge.access_log import AccessLog, Visit
from edge.gate import Refused
from edge.http.errors import (
    ALLOWED_METHODS,
    BUSY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    STORE_UNAVAILABLE,
    VERSION_UNSUPPORTED,
    Failed,
    reply_problem,
    reply_refusal,
)
from edge.http.responses import NEVER_STORED, Reply, render_head
from edge.media import Media, MediaRequest
from edge.metrics import Counters
from edge.reader import ReaderBusy
from shared.paths import parse_media_path
from shared.runtime.store.interface import StoreError

LIVE_PATH: Final = "/livez"

_VISIT: Final = web.RequestKey("visit", Visit)

_log = logging.getLogger(__name__)

_PREFLIGHT: Final = render_head(
    204,
    {
        "Allow": ALLOWED_METHODS,
        "Access-Control-Allow-Methods": ALLOWED_METHODS,
        "Access-Control-Allow-Headers": (
            "Authorization, If-Match, If-None-Match, If-Range, Range,"
            " CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status"
        ),
        "Access-Control-Max-Age": "86400",
    },
)
_LIVE: Final = render_head(
    200, {"Content-Type": "text/plain", "Content-Length": "3", "Cache-Control": NEVER_STORED}
)


@dataclass(frozen=True, slots=True)
class Routes:
    """What stands behind the public listener."""

    media: Media
    counters: Counters
    access_log: AccessLog

    async def answer(self, request: web.BaseRequest) -> Reply:
        visit = request[_VISIT] = Visit(request.method, time.time())
        self.counters.in_flight += 1
        try:
            return await self._route(request, visit)
        except Refused as refused:
            return reply_refusal(refused)
        except Failed as failed:
            return reply_problem(failed.problem, fields=failed.fields)
        except ReaderBusy:
            return reply_problem(BUSY)
        except StoreError as error:
            _log.error("the store failed: %s", error)
            return reply_problem(STORE_UNAVAILABLE)

    async def _route(self, request: web.BaseRequest, visit: Visit) -> Reply:
        if request.version not in (HttpVersion11, HttpVersion10):
            raise Failed(VERSION_UNSUPPORTED)
        if request.method == "OPTIONS":
            return Reply(204, _PREFLIGHT)
        if request.method not in ("GET", "HEAD"):
            raise Failed(METHOD_NOT_ALLOWED, {"Allow": ALLOWED_METHODS})
        target = request.rel_url
        if target.raw_path == LIVE_PATH:
            return Reply(200, _LIVE, body=b"ok\n")
        url = parse_media_path(target.raw_path)
        if url is None:
            raise Failed(NOT_FOUND)
        wanted = MediaRequest(
            method=request.method,
            url=url,
            query=target.raw_query_string,
            headers=request.headers,
            address=request.remote or "",
        )
        return await self.media.answer(wanted, visit)

    def observe(self, request: web.BaseRequest, reply: Reply) -> None:
        """Count and log an answer when its last byte was handed over, or its client left."""
        visit = request.get(_VISIT)
        if visit is None:
            # the parser's refusals do not come by `answer`
            visit = Visit("unknown", time.time())
        else:
            self.counters.in_flight -= 1
        visit.status, visit.sent_bytes, visit.note = reply.status, reply.sent_bytes, reply.note
        visit.ended_at = time.time()
        self.counters.count(visit)
        self.access_log.record(visit)
