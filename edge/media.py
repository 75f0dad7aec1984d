"""Media requests from end to end: find the token, find the file, decide, answer."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.access_log import Visit
from edge.addresses import Networks, find_peer
from edge.assets import AssetIndex, MediaFile, Missing
from edge.bodies import Bodies
from edge.claims import Verifier
from edge.credentials import Credential, find_credential
from edge.denials import Denials
from edge.documents import Documents
from edge.gate import Address, Refused, Verified, Wanted, decide
from edge.http.errors import NOT_FOUND, Failed
from edge.http.requests import Request
from edge.http.responses import Reply, reply_redirect
from edge.serving import serve_file
from edge.session_table import SessionTable
from shared.asset import VideoPointer
from shared.paths import MAIN_PLAYLIST, Kind, MediaUrl, kind_of, media_path, tokenless_path

_kind_of = lru_cache(maxsize=4096)(kind_of)

# The rungs it lists are those that the token opens.
_VARIES_BY_TOKEN: Final = b"Vary: Authorization, Cookie\r\n"


@dataclass(frozen=True, slots=True)
class Media:
    """Answers media requests. Nobody learns anything before the gate has let them in."""

    verifier: Verifier
    sessions: SessionTable
    denials: Denials
    assets: Documents[AssetIndex]
    pointers: Documents[VideoPointer]
    bodies: Bodies
    trusted_proxies: Networks

    async def answer(self, url: MediaUrl, request: Request, visit: Visit) -> Reply:
        """A file, or the way to one; raises `Refused`, `Failed`, `ReaderBusy`, `StoreError`."""
        visit.asset_id, visit.name, visit.kind = url.asset_id, url.name, _kind_of(url.name)
        credential = find_credential(url.token, request.target.query, request.headers)
        verified = await self.verify(credential.token, request, visit)
        if url.asset_id is not None:
            return await self._answer_file(url.asset_id, url.name, request, verified, credential)
        # a path that names no asset names a video
        return await self._answer_video(url.video_id or "", request, verified, credential)

    async def verify(self, token: str, request: Request, visit: Visit) -> Verified:
        """What a genuine token says; raises `Refused`."""
        verified = self.verifier.recall(token)
        if verified is None:
            with request.timings.measure("verify"):
                verified = await self.verifier.verify(token)
        visit.session_id = verified.claims.session_id
        return verified

    def authorise(self, wanted: Wanted, verified: Verified, request: Request) -> None:
        """Ask the gate; raises `Refused`."""
        decision = decide(
            wanted,
            verified,
            self.sessions.recall(verified.claims),
            now=int(time.time()),
            origin=request.headers.get("Origin"),
            peer=None if verified.claims.ip is None else self._find_peer(request),
            denials=self.denials,
        )
        if decision.code is not None:
            raise Refused(
                decision.code,
                decision.cause,
                rule=decision.rule,
                holders=decision.holders,
                verified=verified,
            )

    async def _answer_video(
        self, video_id: str, request: Request, verified: Verified, credential: Credential
    ) -> Reply:
        """A link to a video leads to its present asset, with the token where it was."""
        pointer = await self.pointers.find(video_id)
        asset_id = None if pointer is None else pointer.asset_id
        self.authorise(Wanted(asset_id, video_id, Kind.VIDEO), verified, request)
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
        verified: Verified,
        credential: Credential,
    ) -> Reply:
        limit = verified.claims.max_height if name == MAIN_PLAYLIST else None
        place = (asset_id, name, limit)
        file = self.bodies.recall(place) or await self._find(asset_id, name)
        self.authorise(file.wanted, verified, request)
        if isinstance(file, Missing):
            raise Failed(NOT_FOUND)
        if credential.in_query and not credential.in_path:
            return reply_redirect(media_path(credential.token, asset_id, name))
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

    def _find_peer(self, request: Request) -> Address | None:
        return find_peer(
            request.address,
            self.trusted_proxies,
            forwarded=request.headers.getall("Forwarded", ()),
            x_forwarded=request.headers.getall("X-Forwarded-For", ()),
        )
