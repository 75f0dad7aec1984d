"""`POST /v1/cookie`: the token of the Authorization header becomes a cookie of the edge.

For pages on the edge's own site whose player cannot carry a token in its URL. The cookie holds
for the asset that the token names, or that its video has at present; a video's own link gets
one as well, and redirects there.
"""

import time

from edge.access_log import Visit
from edge.gate.credentials import find_bearer, render_cookie
from edge.http.errors import NOT_FOUND, Failed
from edge.http.requests import Request
from edge.http.responses import NEVER_STORED, Reply, render_head
from edge.media import Media
from shared.paths import Kind, asset_folder, video_folder


async def set_cookie(media: Media, request: Request, visit: Visit) -> Reply:
    """Raises `Refused`, `Failed`, `ReaderBusy` and `StoreError`."""
    token = find_bearer(request.headers)
    verified = await media.verify(token, request, visit)
    # it plays nothing yet, and takes no place among the viewer's streams
    kind = min(verified.claims.kinds - {Kind.VIDEO}, default=Kind.VIDEO)
    wanted = await media.find_film(verified.claims, kind)
    await media.admission.admit(wanted, verified, request)
    if wanted.asset_id is None or wanted.video_id is None:
        raise Failed(NOT_FOUND)
    folders = [asset_folder(wanted.asset_id)]
    if verified.claims.video_id is not None:
        folders.append(video_folder(wanted.video_id))
    max_age_s = verified.claims.expires_at - int(time.time())
    head = render_head(204, {"Cache-Control": NEVER_STORED})
    for folder in folders:
        cookie = render_cookie(token, path=folder, max_age_s=max_age_s)
        head += f"Set-Cookie: {cookie}\r\n".encode()
    return Reply(204, head)
