"""`POST /v1/take-over`: a session plays on in the place of the same viewer's that began first.

For a page that was refused with `stream_limit`, when its viewer says so. The session is that of
the token in the Authorization header.
"""

from typing import Final

from edge.access_log import Visit
from edge.gate.credentials import find_bearer
from edge.http.requests import Request
from edge.http.responses import NEVER_STORED, Reply, render_head
from edge.media import Media
from shared.paths import Kind

_DONE: Final = render_head(204, {"Cache-Control": NEVER_STORED})


async def take_over(media: Media, request: Request, visit: Visit) -> Reply:
    """Raises `Refused`, `ReaderBusy` and `StoreError`."""
    verified = await media.verify(find_bearer(request.headers), request, visit)
    wanted = await media.find_film(verified.claims, Kind.VIDEO)
    await media.admission.take_over(wanted, verified, request)
    return Reply(204, _DONE)
