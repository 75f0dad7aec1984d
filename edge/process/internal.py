"""The internal listener: readiness and metrics, for whoever runs the edge and for nobody else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from edge.process.health import Report, Status

DRAIN_S: Final = 1.0

_UNIX: Final = "unix:"


class CannotListen(Exception):
    """The address is taken, or not ours to take."""


@dataclass(frozen=True, slots=True)
class Internal:
    """Answers on the internal listener."""

    check: Callable[[], Awaitable[Report]]
    render: Callable[[], Awaitable[bytes]]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/readyz":
            return _answer_report(await self.check())
        if request.path == "/metrics":
            headers = {"Content-Type": CONTENT_TYPE_LATEST}
            return web.Response(body=await self.render(), headers=headers)
        if request.path == "/livez":
            return web.Response(text="ok\n")
        return web.Response(status=404, text="/livez, /readyz and /metrics are here.\n")


def _answer_report(report: Report) -> web.StreamResponse:
    return web.Response(
        status=503 if report.status is Status.NOT_READY else 200,
        text=report.model_dump_json(),
        content_type="application/json",
    )


@asynccontextmanager
async def listen_inside(where: str, internal: Internal) -> AsyncIterator[None]:
    """Listen on a Unix socket, in the place of a stale one, or on `host:port`.

    Raises `CannotListen`.
    """
    answering = web.Server(internal.answer, access_log=None)
    loop = asyncio.get_running_loop()
    try:
        if where.startswith(_UNIX):
            server = await loop.create_unix_server(answering, where.removeprefix(_UNIX))
        else:
            host, _, port = where.rpartition(":")
            server = await loop.create_server(answering, host, int(port))
    except OSError as error:
        raise CannotListen(f"{where}: {error}") from error
    try:
        yield
    finally:
        server.close()
        answering.pre_shutdown()
        await answering.shutdown(DRAIN_S)
