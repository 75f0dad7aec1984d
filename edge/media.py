"""Media requests from end to end: find the token, find the file, decide, answer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.access_log import Visit
from edge.admission import Admission
from edge.content.assets import AssetIndex, MediaFile, Missing
from edge.content.bodies import CHUNK_BYTES, Bodies
from edge.content.documents import Documents
from edge.gate.credentials import Credential, find_credential
from edge.gate.decisions import Verified, Wanted
from edge.http.errors import NOT_FOUND, Failed
from edge.http.requests import Request
from edge.http.responses import Reply, reply_redirect
from edge.limits import Limits
from edge.serving import serve_file
from edge.state.claims import Verifier
from shared.asset import VideoPointer
from shared.paths import MAIN_PLAYLIST, Kind, MediaUrl, kind_of, media_path, tokenless_path
from shared.tokens import Claims

_kind_of = lru_cache(maxsize=4096)(kind_of)

# The rungs it lists are those that the token opens.
_VARIES_BY_TOKEN: Final = b"Vary: Authorization, Cookie\r\n"


@dataclass(frozen=True, slots=True)
class Media:
    """Answers media requests. Nobody learns anything before the gate has let them in."""

    verifier: Verifier
    admission: Admission
    assets: Documents[AssetIndex]
    pointers: Documents[VideoPointer]
    bodies: Bodies
    limits: Limits

    async def answer(self, url: MediaUrl, request: Request, visit: Visit) -> Reply:
        """A file, or the way to one; raises `Refused`, `Failed`, `TooMany`, `NoRoom`, `ReaderBusy`
        and `StoreError`."""
        visit.asset_id, visit.name, visit.kind = url.asset_id, url.name, _kind_of(url.name)
        credential = find_credential(url.token, request.target.query, request.headers)
        verified = await self.verify(credential.token, request, visit)
        if url.asset_id is not None:
            return await self._answer_file(
                url.asset_id, url.name, request, visit, verified, credential
            )
        # a path that names no asset names a video
        return await self._answer_video(url.video_id or "", request, verified, credential)

    async def verify(self, token: str, request: Request, visit: Visit) -> Verified:
        """What a genuine token says; raises `Refused` and `TooMany`."""
        verified = self.verifier.recall(token)
        if verified is None:
            with request.timings.measure("verify"):
                verified = await self.verifier.verify(token)
        visit.session_id = verified.claims.session_id
        visit.leave.append(self.limits.session_requests.take(verified.session_key))
        return verified

    async def find_film(self, claims: Claims, kind: Kind) -> Wanted:
        """What a token is for: its asset, or the one that its video has at present."""
        if claims.video_id is not None:
            pointer = await self.pointers.find(claims.video_id)
            return Wanted(None if pointer is None else pointer.asset_id, claims.video_id, kind)
        index = await self.assets.find(claims.asset_id or "")
        return Wanted(claims.asset_id, None if index is None else index.video_id, kind)

    async def _answer_video(
        self, video_id: str, request: Request, verified: Verified, credential: Credential
    ) -> Reply:
        """A link to a video leads to its present asset, with the token where it was."""
        pointer = await self.pointers.find(video_id)
        asset_id = None if pointer is None else pointer.asset_id
        await self.admission.admit(Wanted(asset_id, video_id, Kind.VIDEO), verified, request)
        if asset_id is None:
            raise Failed(NOT_FOUND)
        if credential.in_path or credential.in_query:
            return reply_redirect(media_path(credential.token, asset_id))
        return reply_redirect(tokenless_path(asset_id))

    async def _answer_file(
        self,
        asset_id: str,
        name: str,
        request: Request,
        visit: Visit,
        verified: Verified,
        credential: Credential,
    ) -> Reply:
        limit = verified.claims.max_height if name == MAIN_PLAYLIST else None
        place = (asset_id, name, limit)
        file = self.bodies.recall(place) or await self._find(asset_id, name)
        await self.admission.admit(file.wanted, verified, request)
        if isinstance(file, Missing):
            raise Failed(NOT_FOUND)
        if credential.in_query and not credential.in_path:
            return reply_redirect(media_path(credential.token, asset_id, name))
        if file.body is None and not self.bodies.fits_in_ram(file):
            # its chunks are in RAM for this client alone
            visit.leave.append(self.limits.bytes_in_flight.take(CHUNK_BYTES))
        reply = await serve_file(file, request, bodies=self.bodies, place=place)
        reply.head += request.timings.render()
        if name == MAIN_PLAYLIST and not credential.in_path:
            reply.head += _VARIES_BY_TOKEN
        return reply

    async def _find(self, asset_id: str, name: str) -> MediaFile | Missing:
        index = await self.assets.find(asset_id)
        if index is None:
            return Missing(Wanted(asset_id, None, _kind_of(name)))
        return index.find(name) or Missing(Wanted(asset_id, index.video_id, _kind_of(name)))
