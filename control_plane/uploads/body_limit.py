"""A limit on what is kept of a request before anybody has looked at it.

Django's ASGI handler writes the whole body to a temporary file first, whoever sends it.
"""

from http import HTTPStatus
from typing import Final

from control_plane.uploads.asgi_types import Application, Message, Receive, Scope, Send
from shared.runtime.problem import PROBLEM_TYPE, Problem

_TOO_LARGE: Final = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")


def limit_body(application: Application, *, max_bytes: int) -> Application:
    """Refuse larger bodies, by their announced length or as soon as they have grown too large."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return {"type": "http.disconnect"} if received > max_bytes else message

        if _announced_length(scope) > max_bytes:
            await _refuse(send)
            return
        await application(scope, count, send)
        if received > max_bytes:
            await _refuse(send)

    return limited


def _announced_length(scope: Scope) -> int:
    """Zero where the request says nothing, as pages and streams of unknown length do."""
    text = dict(scope.get("headers", ())).get(b"content-length", b"")
    return int(text) if text.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", PROBLEM_TYPE.encode())]
    await send({"type": "http.response.start", "status": _TOO_LARGE.status, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE.render()})
