"""`POST /v1/cookie`: the token of the Authorization header becomes a cookie of the edge.

For pages on the edge's own site whose player cannot carry a token in its URL. The cookie holds
for the asset that the token names, or that its video has at present; a video's own link gets
one as well, and redirects there.
"""

import time

from edge.access_log import Visit
from edge.credentials import find_bearer, render_cookie
from edge.gate import Verified, Wanted
from edge.http.errors import NOT_FOUND, Failed
from edge.http.requests import Request
from edge.http.responses import NEVER_STORED, Reply, render_head
from edge.media import Media
from shared.paths import Kind, asset_folder, video_folder


async def set_cookie(media: Media, request: Request, visit: Visit) -> Reply:
    """Raises `Refused`, `Failed`, `ReaderBusy` and `StoreError`."""
    token = find_bearer(request.headers)
    verified = await media.verify(token, request, visit)
    wanted = await _find_wanted(media, verified)
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


async def _find_wanted(media: Media, verified: Verified) -> Wanted:
    """The film, as a kind that the token opens: a cookie plays nothing yet, and takes no place
    among the viewer's streams."""
    claims = verified.claims
    kind = min(claims.kinds - {Kind.VIDEO}, default=Kind.VIDEO)
    if claims.video_id is not None:
        pointer = await media.pointers.find(claims.video_id)
        return Wanted(None if pointer is None else pointer.asset_id, claims.video_id, kind)
    index = await media.assets.find(claims.asset_id or "")
    return Wanted(claims.asset_id, None if index is None else index.video_id, kind)
