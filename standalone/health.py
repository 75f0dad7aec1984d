"""Whether a service answers, asked where it serves."""

from http import HTTPStatus
from pathlib import Path

import aiohttp


async def answers(url: str, *, socket: Path | None = None) -> bool:
    """Whether a GET is answered with 200; `socket` is a Unix socket to ask through."""
    connector = aiohttp.UnixConnector(str(socket)) if socket else None
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.get(url) as response,
        ):
            return response.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
